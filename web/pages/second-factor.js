// Asks for the second factor, after a login or before a new password counts.
import { call } from "./api.js";
import { onSubmit, show } from "./form.js";
import { passkeysWork, usePasskey } from "./passkey.js";
import { text } from "./words.js";

const [touched, factor] = ["by-passkey", "factor"].map((id) => document.getElementById(id));
let asked = null;

// askFactor shows the forms. then has two functions: proved(form, payload), and over(words)
// where the challenge is not valid any more. Without cookies the session comes in the payload.
export function askFactor({ token, passkeyOptions }, then, { cookies } = { cookies: true }) {
  asked = { token, passkeyOptions, cookies, ...then };
  const touch = passkeyOptions && passkeysWork();
  document.getElementById("factor-why").hidden = Boolean(touch); // the form above says it
  show(...(touch ? ["by-passkey", "factor"] : ["factor"]));
}

const answer = (proof) => call(factor.dataset.document, { challenge: asked.token, ...proof }, { cookies: asked.cookies });

function isOver(errors) {
  const over = errors.some((e) => e.code === "INVALID_TOKEN");
  if (over) {
    factor.reset();
    asked.over(text("startAgain"));
  }
  return over;
}

function proved(payload) {
  factor.reset();
  return asked.proved(factor, payload);
}

// An authenticator app shows six digits; a recovery code is longer.
const isShort = (code) => code.replace(/\s/g, "").length <= 8;

onSubmit(factor, {
  send() {
    const code = factor.elements.code.value;
    return answer({ [isShort(code) ? "totpCode" : "recoveryCode"]: code });
  },
  check: () => (factor.elements.code.value.trim() ? [] : [{ code: "REQUIRED", field: ["code"] }]),
  refused(errors) {
    for (const error of errors) if (error.field) error.field = ["code"];
    return isOver(errors);
  },
  done: proved,
});

onSubmit(touched, {
  async send() {
    let passkey;
    try {
      passkey = await usePasskey(asked.passkeyOptions);
    } catch {
      return { refusal: { code: "PASSKEY" } };
    }
    return answer({ passkey });
  },
  refused(errors) {
    for (const error of errors) if (error.code === "INVALID_CODE") error.code = "INVALID_PASSKEY";
    return isOver(errors);
  },
  done: proved,
});
