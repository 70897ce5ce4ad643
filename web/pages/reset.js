// The page that a password-reset letter links to.
import { endSession } from "./api.js";
import { done, onSubmit, show, takeToken } from "./form.js";
import { offerLogin } from "./login.js";

const form = document.getElementById("reset");
const again = document.getElementById("again");
const { passwordMin, passwordMax } = document.body.dataset;
let token = "";

function start() {
  token = takeToken();
  if (token) show("reset");
  else askAgain("The address of this page holds no token. Open the link in the letter again, or ask for a new letter.");
}

function askAgain(why, ...more) {
  document.getElementById("again-why").textContent = why;
  show("again", ...more);
}

// checkPassword spares the person a round trip; the server decides.
function checkPassword() {
  const length = [...form.elements.newPassword.value].length; // code points, as the server counts
  const wrong = (code) => [{ code, field: ["newPassword"] }];
  if (length === 0) return wrong("REQUIRED");
  if (length < Number(passwordMin)) return wrong("PASSWORD_TOO_SHORT");
  if (Number(passwordMax) && length > Number(passwordMax)) return wrong("TOO_LONG");
  return [];
}

onSubmit(form, {
  input: () => ({ token, newPassword: form.elements.newPassword.value, session: { deviceName: "Password reset page" } }),
  check: checkPassword,
  refused(errors) {
    const invalid = errors.some((e) => e.code === "INVALID_TOKEN" || e.field?.at(-1) === "token");
    if (invalid) {
      offerLogin(form.elements.newPassword.value);
      askAgain("This link is not good any more: it has been used, it has expired, or your address has changed since it was sent.", "login");
    }
    return invalid;
  },
  async done({ auth }) {
    await endSession(auth);
    done(form, auth?.user);
  },
});

onSubmit(again, {
  input: () => ({ email: again.elements.email.value }),
  check: () => (again.elements.email.value.trim() ? [] : [{ code: "REQUIRED", field: ["email"] }]),
  done: () => show("sent"),
});

addEventListener("hashchange", () => location.hash && start());
start();
