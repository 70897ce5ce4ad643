// The tour: tabs that a newcomer runs from left to right. Their names and
// variables are what the bar's buttons build on: a tab whose variables hold
// input.refreshToken, input.token or input.id gets the real one there.

// A fresh address for each visit, so that the tour can be taken again and again.
const person = Math.random().toString(36).slice(2, 8);
const email = `ann.${person}@example.org`;
const password = "seven quiet lighthouses";
const newPassword = "eight louder lighthouses";

const tab = (query, input) => ({ query: query.trim() + "\n", variables: input ? JSON.stringify({ input }, null, 2) : "" });

export const tour = (mailbox) => [
  tab(`
# 1. Sign up with an e-mail address.
#
# Run it with the arrow on the right, or Ctrl+Enter.
# The variables are below. An address that already has
# an account gives the same answer: nobody learns who
# has one. ${mailbox ? "An e-mail with a token arrives in the\n# mailbox: see the bar above." : "An e-mail with a token is sent."}

mutation SignUp($input: SignUpInput!) {
  signUp(input: $input) {
    status
    errors { code message field }
  }
}`, { email, password }),

  tab(`
# 2. Confirm the address.
#
# It takes the token from the e-mail and a proof that
# you asked for it, here the password. A link alone
# opens no account. A newPassword is a proof too, and
# so is the confirmKey in the answer of signUp.
# ${mailbox ? "The button in the bar above puts the token into the\n# variables." : "Paste the token into the variables."} Confirming logs you in.

mutation Confirm($input: ConfirmInput!) {
  confirm(input: $input) {
    status
    auth {
      accessToken
      expiresIn
      refreshToken
      user { id email }
    }
    errors { code message field }
  }
}`, { token: "", password }),

  tab(`
# 3. Log in.
#
# The answer holds two tokens. The access token goes
# into the header "Authorization: Bearer ..." of each
# request: the button in the bar above puts it there,
# in every tab. The refresh token is for step 6.

mutation Login($input: LoginInput!) {
  login(input: $input) {
    status
    auth {
      accessToken
      expiresIn
      refreshToken
      user { id email }
    }
    errors { code message field }
  }
}`, { email, password }),

  tab(`
# 4. Who am I?
#
# Without a token the answer is null. With the token
# from the bar it is your account and its sessions:
# confirming began one, logging in another. The bar
# can put the other session into the next tab.

query Me {
  me {
    id
    email
    username
    confirmedAt
    sessions {
      id
      current
      createdAt
      expiresAt
    }
  }
}`),

  tab(`
# 5. End another session.
#
# It takes the id from "Me". The session ends at once
# and everywhere. For the session of another account
# the answer is NOT_FOUND.

mutation RevokeSession($input: RevokeSessionInput!) {
  revokeSession(input: $input) {
    session { id current createdAt }
    errors { code message field }
  }
}`, { id: "" }),

  tab(`
# 6. Trade the refresh token for the next pair.
#
# An access token lives for minutes. A refresh token
# lives for days, but works once: each answer holds
# the next one. The button in the bar put it into the
# variables. A web app logs in with the delivery
# COOKIE instead, which scripts cannot read.

mutation Refresh($input: RefreshInput) {
  refresh(input: $input) {
    auth {
      accessToken
      expiresIn
      refreshToken
    }
    errors { code message field }
  }
}`, { refreshToken: "" }),

  tab(`
# 7. Prove that it is you.
#
# Fields marked @recent need a proof that is younger
# than 15 minutes, or than the operator's setting.
# This mutation gives the session a new one.

mutation Reauthenticate($input: ReauthenticateInput!) {
  reauthenticate(input: $input) {
    session { id authenticatedAt }
    errors { code message field }
  }
}`, { password }),

  tab(`
# 8. Change the account.
#
# Every change needs the password. A new username or
# password is valid at once. A new e-mail address is
# valid when the token that is sent to it is confirmed.

mutation UpdateAccount($input: UpdateAccountInput!) {
  updateAccount(input: $input) {
    user { id email pendingEmail username }
    errors { code message field }
  }
}`, { currentPassword: password, username: `ann_${person}` }),

  tab(`
# 9. Make a token for a program.
#
# The token acts for you within its scopes until it
# expires or you revoke it. Its secret is shown only
# in this answer. This field is marked @recent.

mutation IssueApiToken($input: IssueApiTokenInput!) {
  issueApiToken(input: $input) {
    token
    apiToken { id name hint scopes expiresAt }
    errors { code message field }
  }
}`, { name: "nightly job", scopes: ["account:read"], expiresInDays: 30 }),

  tab(`
# 10. Add an authenticator app.
#
# It begins here: type the secret into an app, or show
# the qrCode in your page. It counts once "confirmTotp"
# has seen a code. From then on "login" answers
# SECOND_FACTOR_REQUIRED with a challenge, and
# "answerChallenge" takes the next code. This tour goes
# on without, so that it can set a new password.

mutation AddTotp {
  addTotp {
    id
    secret
    uri
    errors { code message field }
  }
}`),

  tab(`
# 11. Log out.
#
# This ends the session of the token in the header, at
# once. Run "Me" again: the token is refused. The
# scope can also be OTHERS or ALL.

mutation Logout($input: LogoutInput) {
  logout(input: $input) {
    sessions { id current createdAt }
    errors { code message field }
  }
}`, { scope: "CURRENT" }),

  tab(`
# 12. Forgot the password?
#
# The answer is the same whether or not the account
# exists.${mailbox ? " The e-mail is in the mailbox: see the\n# bar above." : ""}

mutation RequestPasswordReset(
  $input: RequestPasswordResetInput!
) {
  requestPasswordReset(input: $input) {
    errors { code message field }
  }
}`, { email }),

  tab(`
# 13. Set a new password.
#
# It takes the token from the e-mail. It ends every
# session of the account, voids its API tokens, and
# logs you in.

mutation ResetPassword($input: ResetPasswordInput!) {
  resetPassword(input: $input) {
    status
    auth {
      accessToken
      expiresIn
      refreshToken
      user { id email }
    }
    errors { code message field }
  }
}`, { token: "", newPassword }),

  tab(`
# 14. Delete the account.
#
# This deletes everything that belongs to it and
# cannot be undone. It is marked @recent: use the
# access token from step 13 first.

mutation DeleteAccount {
  deleteAccount {
    user { id email username }
    errors { code message field }
  }
}`),
];
