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
# The variables are below. The answer is the same for
# a taken address: nobody learns who has an account.
# ${mailbox ? "An e-mail with a token arrives in the mailbox: see\n# the bar above." : "An e-mail with a token is on its way."}

mutation SignUp($input: SignUpInput!) {
  signUp(input: $input) {
    status
    errors { code message field }
  }
}`, { email, password }),

  tab(`
# 2. Confirm the address.
#
# With the token from the e-mail and the password: a
# link alone opens no account. ${mailbox ? "The bar above put the\n# token into the variables if you clicked there; else\n# paste it." : "Paste the token into\n# the variables."} Confirming logs in. In place of the
# password a newPassword is taken, or the confirmKey
# that signUp gave to the browser.

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
# Null without a token. With the one from the bar it
# is you, and where you are logged in: confirming
# began one session, logging in another. The bar
# above can put that one into the next tab.

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
# At once and everywhere, by its id from "Me". A
# session of somebody else is NOT_FOUND.

mutation RevokeSession($input: RevokeSessionInput!) {
  revokeSession(input: $input) {
    session { id current createdAt }
    errors { code message field }
  }
}`, { id: "" }),

  tab(`
# 6. Trade the refresh token for the next pair.
#
# An access token lives for minutes, a refresh token
# for days, but it works once: each answer holds the
# next. The button in the bar put it into the
# variables. In a browser, log in with the delivery
# COOKIE instead, out of reach of scripts.

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
# What is marked @recent wants a proof that is younger
# than 15 minutes, unless the operator set another
# time. This gives one to the session.

mutation Reauthenticate($input: ReauthenticateInput!) {
  reauthenticate(input: $input) {
    session { id authenticatedAt }
    errors { code message field }
  }
}`, { password }),

  tab(`
# 8. Change the account.
#
# Every change takes the password. A new username or
# password counts at once, and a new e-mail address
# when the token that is sent there is confirmed.

mutation UpdateAccount($input: UpdateAccountInput!) {
  updateAccount(input: $input) {
    user { id email pendingEmail username }
    errors { code message field }
  }
}`, { currentPassword: password, username: `ann_${person}` }),

  tab(`
# 9. Make a token for a program.
#
# It acts for you within its scopes until it expires
# or you revoke it. Its secret is shown this once.
# Making one is marked @recent.

mutation IssueApiToken($input: IssueApiTokenInput!) {
  issueApiToken(input: $input) {
    token
    apiToken { id name hint scopes expiresAt }
    errors { code message field }
  }
}`, { name: "nightly job", scopes: ["account:read"], expiresInDays: 30 }),

  tab(`
# 10. Log out.
#
# Ends the session of the header, at once. Run "Me"
# again afterwards and see the token refused. The
# scope may also be OTHERS or ALL.

mutation Logout($input: LogoutInput) {
  logout(input: $input) {
    sessions { id current createdAt }
    errors { code message field }
  }
}`, { scope: "CURRENT" }),

  tab(`
# 11. Forgot the password?
#
# The answer is the same whether or not there is such
# an account.${mailbox ? " The e-mail is in the mailbox: see\n# the bar above." : ""}

mutation RequestPasswordReset(
  $input: RequestPasswordResetInput!
) {
  requestPasswordReset(input: $input) {
    errors { code message field }
  }
}`, { email }),

  tab(`
# 12. Set a new password.
#
# With the token from the e-mail. Ends every session
# of the account, voids its API tokens, and logs in.

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
# 13. Delete the account.
#
# For good, with all that belongs to it. It is marked
# @recent: use the access token from step 12 first.

mutation DeleteAccount {
  deleteAccount {
    user { id email username }
    errors { code message field }
  }
}`),
];
