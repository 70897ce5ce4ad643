// The page that an e-mail about a forgotten password links to.
import { endSession } from "./api.js";
import { captchaAnswer } from "./captcha.js";
import { done, onSubmit, show, takeFragment } from "./form.js";
import { offerLogin } from "./login.js";
import { askFactor } from "./second-factor.js";
import { text } from "./words.js";

const form = document.getElementById("reset");
const ask = document.getElementById("ask");
let token = "";

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
    if (!payload.challenge) return finish(form, payload);
    // Nothing has changed so far.
    return askFactor(payload.challenge, { proved: finish, over: begunAnew }, { cookies: false });
  },
});

// begunAnew returns to the new password: the link is still good.
function begunAnew() {
  document.getElementById("again").hidden = false;
  show("reset");
}

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
