// What to tell a person about each code that a server may answer. The server's
// own message is the default for codes that this page does not know.

const limits = () => document.body.dataset;

const tooShort = () => {
  const min = Number(limits().passwordMin);
  return min ? `The password is too short: use at least ${min} characters.` : "The password is too short.";
};

const tooLong = () => {
  const max = Number(limits().passwordMax);
  return max ? `This is too long: use at most ${max} characters.` : "This is too long.";
};

// Codes of enum AuthErrorCode: what the person at the form can fix.
const fixable = {
  REQUIRED: (e) => (e.field?.at(-1) === "captcha" ? "Please solve the puzzle first." : "Please fill this in."),
  INVALID: () => "This does not look right. Please check it.",
  TOO_LONG: tooLong,
  TAKEN: () => "This is in use by another account.",
  INVALID_CREDENTIALS: () => "The password is wrong. Please try again.",
  INVALID_LOGIN: () => "The address or the password is wrong. If both are right, it has not worked yet.", // of login.js
  INVALID_NAME: () => "The name or the password is wrong. Please try again.", // of linking.js
  OFFER_GONE: () => "It took too long, or you logged in to another account.", // of linking.js
  ANSWER_GONE: () => "That took too long. Please start again.", // of signed-in.js
  DISABLED: () => "This account is disabled. Please ask the people who run the service.",
  PASSWORD_TOO_SHORT: tooShort,
  PASSWORD_TOO_COMMON: () => "This password is among those that attackers try first. Please choose another one.",
  INVALID_TOKEN: () => "This link is no longer valid.",
  INVALID_SCOPE: () => "This is not allowed here.",
  LIMIT_REACHED: () => "There are too many of these already.",
  NOT_FOUND: () => "This does not exist any more.",
  RATE_LIMITED: (e) => `Too many attempts. Please try again ${later(e.retryAfter)}.`,
  INVALID_CODE: () => "This code is wrong, was used before, or is too old. Please try the next one.",
  INVALID_PASSKEY: () => "This passkey is not one of this account. Please try another one.", // of reset.js
  LAST_WAY_IN: () => "Without it nobody could log in. Please add another way first.",
  FACTOR_NEEDED: () => "A second factor is needed here.",
  REJECTED: (e) => e.message,
  CAPTCHA_FAILED: () => "Please solve the puzzle again.",
  PROVIDER_DENIED: () => "The other site says that you did not allow this.",
  PROVIDER_FAILED: () => "The other site's answer cannot be used. Please start again.",
  PROVIDER_UNAVAILABLE: () => "The other site cannot be reached now. Please try again later, or log in in another way.",
  IDENTITY_TAKEN: () => "That login opens another account here.",
  NO_ACCOUNT: () => "There is no account here for this login.",
  NOT_OFFERED: () => "This server does not offer this.",
};

export const fieldWords = (error) => fixable[error.code]?.(error) ?? error.message ?? "This was refused.";

// Codes of enum RequestErrorCode, and NETWORK: what is not the form's fault.
const refused = {
  PASSKEY: () => "No passkey was used. Please try again, or in a browser that has it.",
  NETWORK: () => "The server could not be reached. Check your connection and try again.",
  RATE_LIMITED: (r) => `Too many attempts. Please try again ${later(r.retryAfter)}.`,
  OVERLOADED: (r) => `The server is busy. Please try again ${later(r.retryAfter)}.`,
  SECOND_FACTOR_REQUIRED: () => "A second factor is needed first.",
  BAD_USER_INPUT: () => "What you typed has characters that cannot be used. Please type it again.",
};

export const refusalWords = (refusal) => {
  const words = refused[refusal.code]?.(refusal)
    ?? "Something went wrong on our side, not on yours. Please try again later.";
  return refusal.requestId ? `${words} If you report this, say: ${refusal.requestId}` : words;
};

function later(seconds) {
  if (!(seconds > 0)) return "in a moment";
  if (seconds < 90) return seconds === 1 ? "in a second" : `in ${Math.ceil(seconds)} seconds`;
  if (seconds < 90 * 60) return `in ${Math.ceil(seconds / 60)} minutes`;
  return `in ${Math.ceil(seconds / 3600)} hours`;
}

export { tooShort, tooLong };
