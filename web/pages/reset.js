// The page that an e-mail about a forgotten password links to.
import { call, endSession } from "./api.js";
import { captchaAnswer } from "./captcha.js";
import { done, onSubmit, show, takeFragment } from "./form.js";
import { offerLogin } from "./login.js";
import { passkeysWork, usePasskey } from "./passkey.js";
import { text } from "./words.js";

const form = document.getElementById("reset");
const ask = document.getElementById("ask");
const factor = document.getElementById("factor");
const touched = document.getElementById("by-passkey");
let token = "";
let challenge = null; // what is still to be proved

function start() {
  ({ token } = takeFragment());
  if (token) show("reset");
  else offerLink(false);
}

// offerLink shows the form that asks for an e-mail: where a link was not valid,
// and to those who come without one.
function offerLink(invalid) {
  document.getElementById("ask-title").textContent = text(invalid ? "newLink" : "forgot");
  document.getElementById("ask-invalid").hidden = !invalid;
  document.getElementById("ask-reload").hidden = invalid;
  show("ask", ...(invalid ? ["login"] : []));
}

onSubmit(form, {
  input: () => ({ token, newPassword: form.elements.newPassword.value, session: { deviceName: "Password reset page" } }),
  checks: "newPassword",
  refused(errors) {
    const invalid = errors.some((e) => e.code === "INVALID_TOKEN" || e.field?.at(-1) === "token");
    if (invalid) {
      offerLogin(form.elements.newPassword.value);
      offerLink(true);
    }
    return invalid;
  },
  done(payload) {
    challenge = payload.challenge;
    if (!challenge) return finish(form, payload);
    const touch = challenge.passkeyOptions && passkeysWork();
    document.getElementById("factor-why").hidden = Boolean(touch); // the form above says it
    return show(...(touch ? ["by-passkey", "factor"] : ["factor"])); // nothing has changed so far
  },
});

// An authenticator app shows six digits; a recovery code is longer.
const isShort = (code) => code.replace(/\s/g, "").length <= 8;

// begunAnew returns to the new password where the challenge is not valid any more: it
// was too late, or there were too many wrong codes. The link is still good.
function begunAnew(errors) {
  const over = errors.some((e) => e.code === "INVALID_TOKEN");
  if (over) {
    factor.reset();
    document.getElementById("again").hidden = false;
    show("reset");
  }
  return over;
}

async function proved(payload) {
  factor.reset();
  await finish(form, payload);
}

onSubmit(factor, {
  input() {
    const code = factor.elements.code.value;
    return { challenge: challenge.token, [isShort(code) ? "totpCode" : "recoveryCode"]: code };
  },
  check: () => (factor.elements.code.value.trim() ? [] : [{ code: "REQUIRED", field: ["code"] }]),
  refused(errors) {
    for (const error of errors) if (error.field) error.field = ["code"];
    return begunAnew(errors);
  },
  done: proved,
});

onSubmit(touched, {
  async send() {
    let passkey;
    try {
      passkey = await usePasskey(challenge.passkeyOptions);
    } catch {
      return { refusal: { code: "PASSKEY" } };
    }
    return call(factor.dataset.document, { challenge: challenge.token, passkey });
  },
  refused(errors) {
    for (const error of errors) if (error.code === "INVALID_CODE") error.code = "INVALID_PASSKEY";
    return begunAnew(errors);
  },
  done: proved,
});

async function finish(from, { auth }) {
  await endSession(auth);
  done(from, auth?.user);
}

onSubmit(ask, {
  input: () => ({ email: ask.elements.email.value, ...captchaAnswer(ask) }),
  check: () => (ask.elements.email.value.trim() ? [] : [{ code: "REQUIRED", field: ["email"] }]),
  done() {
    document.querySelector("#sent [data-email]").textContent = ask.elements.email.value.trim();
    show("sent");
  },
});

addEventListener("hashchange", () => location.hash && start());
start();
