// The page that a letter about a new account or a new address links to.
import { endSession } from "./api.js";
import { done, onSubmit, show, takeToken } from "./form.js";
import { offerLogin } from "./login.js";

const form = document.getElementById("confirm");
let token = "";

function start() {
  token = takeToken();
  show(token ? "confirm" : "missing");
}

onSubmit(form, {
  input: () => ({ token, password: form.elements.password.value, session: { deviceName: "Confirmation page" } }),
  check: () => (form.elements.password.value ? [] : [{ code: "REQUIRED", field: ["password"] }]),
  refused(errors) {
    const invalid = errors.some((e) => e.code === "INVALID_TOKEN" || e.field?.at(-1) === "token");
    if (invalid) {
      offerLogin(form.elements.password.value);
      show("invalid", "login");
    }
    const wrong = errors.find((e) => e.code === "INVALID_CREDENTIALS");
    if (wrong) {
      wrong.field = ["password"];
      form.elements.password.select();
    }
    return invalid;
  },
  async done({ auth }) {
    await endSession(auth);
    done(form, auth?.user);
  },
});

// A second link opened in the same tab changes the fragment only.
addEventListener("hashchange", () => location.hash && start());
start();
