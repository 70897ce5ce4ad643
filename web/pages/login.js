// Offers to log in beside a link that is no longer valid. The link may have
// done its work while the answer was lost on its way: the server cannot say so,
// as it says the same of every token that it does not know, but a login tells.
import { endSession } from "./api.js";
import { captchaAnswer } from "./captcha.js";
import { done, onSubmit } from "./form.js";

const form = document.getElementById("login");

// offerLogin fills in the password that was typed before, and the address that the
// link named; show("…", "login") shows the form.
export function offerLogin(password, email = "") {
  form.elements.password.value = password;
  form.elements.email.value = email;
}

const required = (name) => (form.elements[name].value.trim() ? [] : [{ code: "REQUIRED", field: [name] }]);

onSubmit(form, {
  input: () => ({
    email: form.elements.email.value, password: form.elements.password.value, session: { deviceName: "Page of an e-mail" },
    ...captchaAnswer(form),
  }),
  check: () => [...required("email"), ...required("password")],
  refused(errors) {
    for (const error of errors) if (error.code === "INVALID_CREDENTIALS") error.code = "INVALID_LOGIN";
    return false;
  },
  async done({ auth }) {
    await endSession(auth);
    done(form, auth?.user ?? { email: form.elements.email.value }, "logged-in");
  },
});
