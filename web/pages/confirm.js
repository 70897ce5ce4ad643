// The page that an e-mail about a new account or a new address links to.
//
// The first press tries without any password: the cookie of the sign-up counts,
// then the session of this browser, which can confirm a change of its own
// account's address. Elsewhere the person types a password, and no session is
// left behind: who follows a stranger's link must not end up in their account.
import { call, endSession, sessionBearer } from "./api.js";
import { done, onSubmit, show, takeFragment } from "./form.js";
import { offerLogin } from "./login.js";
import { passkeysWork, usePasskey } from "./passkey.js";
import { text } from "./words.js";

const [first, known, chosen, touched] = ["confirm", "by-password", "by-new-password", "by-passkey"].map((id) => document.getElementById(id));
let options = null; // for the passkey of the sign-up
let link = { token: "", email: "" };

function start() {
  link = takeFragment();
  known.reset();
  chosen.reset();
  name(link.email);
  show(link.token ? "confirm" : "missing");
}

// name shows the address that the link names wherever the page speaks of it.
// Without one nobody can see whose password it would be: no new one is offered.
function name(email) {
  for (const place of document.querySelectorAll("[data-email]")) place.textContent = email || text("thisAddress");
  for (const field of document.querySelectorAll("input[name=username]")) field.defaultValue = email;
  known.hidden = false;
  touched.hidden = true;
  document.getElementById("by-password-why").hidden = false;
  document.getElementById("no-proof").textContent = text("noPassword");
  chosen.hidden = !email;
  document.getElementById("account-only").hidden = true;
}

const confirm = (proof, options) => call(document.body.dataset.confirm,
  { token: link.token, ...(link.email && { email: link.email }), ...proof }, options);

const isCode = (code, field) => (e) => e.code === code && (!field || e.field?.at(-1) === field);
const asksForProof = ({ payload, refusal }) => (
  refusal?.code === "UNAUTHENTICATED" || payload?.errors.some(isCode("REQUIRED", "password")));

async function withoutPassword() {
  const answer = await confirm({ session: { delivery: "COOKIE" } }, { cookies: true });
  if (!asksForProof(answer)) return answer;
  const bearer = await sessionBearer();
  return bearer ? confirm({}, { bearer }) : answer;
}

// withPassword sends one of the two passwords; its session is for nobody.
const withPassword = (form, field) => () => confirm(
  { [field]: form.elements[field].value, session: { deviceName: "Confirmation page" } });

function invalid(errors) {
  const bad = errors.some((e) => e.code === "INVALID_TOKEN" || e.field?.at(-1) === "token");
  if (bad) {
    offerLogin(known.elements.password.value || chosen.elements.newPassword.value, link.email);
    show("invalid", "login");
  }
  return bad;
}

// askPasskey shows the button for the passkey in place of the password's form.
function askPasskey() {
  known.hidden = true;
  touched.hidden = !passkeysWork();
  document.getElementById("by-password-why").hidden = true;
  document.getElementById("no-proof").textContent = text("noPasskey");
}

async function withPasskey() {
  options ??= (await confirm({})).payload?.passkeyOptions; // each works once
  let passkey;
  try {
    passkey = await usePasskey(options);
  } catch {
    return { refusal: { code: "PASSKEY" } };
  } finally {
    options = null;
  }
  return confirm({ passkey, session: { deviceName: "Confirmation page" } });
}

onSubmit(touched, { send: withPasskey, refused: (errors) => invalid(errors), done: (payload) => finish(touched, payload) });

onSubmit(first, {
  async send() {
    const answer = await withoutPassword();
    options = answer.payload?.passkeyOptions ?? null;
    return answer;
  },
  refused(errors) {
    if (errors.some(isCode("REQUIRED", "passkey"))) askPasskey();
    else if (!errors.some(isCode("REQUIRED", "password"))) return invalid(errors);
    show("proofs");
    return true;
  },
  failed({ code }) {
    if (code === "UNAUTHENTICATED") show("log-in-first");
    return code === "UNAUTHENTICATED";
  },
  done({ auth }) {
    document.getElementById("done-in").hidden = false;
    document.getElementById("done-out").hidden = true;
    done(first, auth?.user);
  },
});

onSubmit(known, {
  send: withPassword(known, "password"),
  check: () => (known.elements.password.value ? [] : [{ code: "REQUIRED", field: ["password"] }]),
  refused(errors) {
    for (const wrong of errors.filter(isCode("INVALID_CREDENTIALS"))) {
      wrong.field = ["password"];
      known.elements.password.select();
    }
    return invalid(errors);
  },
  done: (payload) => finish(known, payload),
});

onSubmit(chosen, {
  send: withPassword(chosen, "newPassword"),
  checks: "newPassword",
  refused(errors) {
    if (!errors.some(isCode("INVALID", "newPassword"))) return invalid(errors);
    // The link changes the address of an account: that has its password.
    chosen.hidden = true;
    document.getElementById("account-only").hidden = false;
    known.elements.password.focus();
    return true;
  },
  done: (payload) => finish(chosen, payload),
});

async function finish(form, { auth }) {
  await endSession(auth);
  document.getElementById("done-in").hidden = true;
  document.getElementById("done-out").hidden = false;
  done(form, auth?.user);
}

// A second link opened in the same tab changes the fragment only.
addEventListener("hashchange", () => location.hash && start());
start();
