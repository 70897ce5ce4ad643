// The tour: tabs that a newcomer runs from left to right. Their names and
// variables are what the bar's buttons build on: a tab whose variables hold
// input.refreshToken, input.token, input.id, input.challenge or input.recoveryCode
// gets the real one there.

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
# 10. Log out.
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
# 11. Forgot the password?
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
# 12. Set a new password.
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
# 13. Add an authenticator app.
#
# It begins here: type the secret into an app, or show
# the qrCode in your page. This field is marked
# @recent: use the access token from step 12 first.

mutation AddTotp {
  addTotp {
    id
    secret
    uri
    errors { code message field }
  }
}`),

  tab(`
# 14. Show that the app works.
#
# It takes a first code, and then the app counts. The
# button in the bar put the id into the variables. The
# recovery codes are shown this once: each works in
# place of a code, once. Other sessions end.

mutation ConfirmTotp($input: ConfirmTotpInput!) {
  confirmTotp(input: $input) {
    factor { id name createdAt }
    recoveryCodes
    errors { code message field }
  }
}`, { id: "", code: "", name: "My phone" }),

  tab(`
# 15. Log in in two steps.
#
# The password is no longer enough. The answer holds no
# token but a challenge, which is good for some minutes.

mutation LoginInTwoSteps($input: LoginInput!) {
  login(input: $input) {
    status
    challenge { token expiresIn methods }
    errors { code message field }
  }
}`, { email, password: newPassword }),

  tab(`
# 16. Answer the challenge.
#
# It takes the app's next code: none works twice. The
# button in the bar put the challenge into the
# variables. In place of totpCode you can send a
# recoveryCode.

mutation AnswerChallenge($input: AnswerChallengeInput!) {
  answerChallenge(input: $input) {
    status
    auth {
      accessToken
      expiresIn
      refreshToken
      user { id email secondFactor recoveryCodesLeft }
    }
    errors { code message field }
  }
}`, { challenge: "", totpCode: "" }),

  tab(`
# 17. Make new recovery codes.
#
# The ones before are void. Use the access token from
# step 16 first.

mutation MakeRecoveryCodes {
  makeRecoveryCodes {
    recoveryCodes
    errors { code message field }
  }
}`),

  tab(`
# 18. Prove the second factor again.
#
# Where there is one, the password is no proof for what
# is marked @recent. A recovery code from step 17 is:
# the button in the bar put one into the variables. So
# is a totpCode.

mutation ReauthenticateByCode(
  $input: ReauthenticateInput!
) {
  reauthenticate(input: $input) {
    session { id authenticatedAt methods secondFactor }
    errors { code message field }
  }
}`, { recoveryCode: "" }),

  tab(`
# 19. Delete the account.
#
# This deletes everything that belongs to it and
# cannot be undone. It is marked @recent: use the
# access token from step 16 first.

mutation DeleteAccount {
  deleteAccount {
    user { id email username }
    errors { code message field }
  }
}`),

  tab(`
# Passkeys.
#
# A page asks for these options at every view, and
# hands them to navigator.credentials.get: nothing is
# stored. "loginWithPasskey" takes the answer, once, and
# nobody types who they are. "addPasskey" and
# "confirmPasskey" add one to an account,
# "startPasskeySignUp" begins an account with one.
# examples/react/src/passkey.ts has the code for a browser.

mutation StartPasskeyLogin {
  startPasskeyLogin {
    options
    errors { code message field }
  }
}`),
];
