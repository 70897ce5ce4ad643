// The page that an e-mail about a forgotten password links to.
import { endSession } from "./api.js";
import { captchaAnswer } from "./captcha.js";
import { done, onSubmit, show, takeFragment } from "./form.js";
import { offerLogin } from "./login.js";

const form = document.getElementById("reset");
const ask = document.getElementById("ask");
const factor = document.getElementById("factor");
let token = "";
let challenge = "";

function start() {
  ({ token } = takeFragment());
  if (token) show("reset");
  else offerLink(false);
}

// offerLink shows the form that asks for an e-mail: where a link was not valid,
// and to those who come without one.
function offerLink(invalid) {
  document.getElementById("ask-title").textContent = invalid ? "Ask for a new link" : "Forgot your password?";
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
    challenge = payload.challenge?.token ?? "";
    if (challenge) return show("factor"); // nothing has changed so far
    return finish(form, payload);
  },
});

// An authenticator app shows six digits; a recovery code is longer.
const isShort = (code) => code.replace(/\s/g, "").length <= 8;

onSubmit(factor, {
  input() {
    const code = factor.elements.code.value;
    return { challenge, [isShort(code) ? "totpCode" : "recoveryCode"]: code };
  },
  check: () => (factor.elements.code.value.trim() ? [] : [{ code: "REQUIRED", field: ["code"] }]),
  refused(errors) {
    if (errors.some((e) => e.code === "INVALID_TOKEN")) { // too late, or too many wrong codes: the link is still good
      factor.reset();
      document.getElementById("again").hidden = false;
      show("reset");
      return true;
    }
    for (const error of errors) if (error.field) error.field = ["code"];
    return false;
  },
  async done(payload) {
    factor.reset();
    await finish(form, payload);
  },
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
