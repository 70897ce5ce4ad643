// The page that a browser comes back to from a provider, if the application has no
// page of its own. It also offers the providers, to begin here.
//
// What comes back is a code that is worth nothing by itself: the page that began keeps
// the verifier. Where this page did not begin, as in a popup, it hands the code to
// the one that did, if that is of this origin.
import { call } from "./api.js";
import { captchaAnswer } from "./captcha.js";
import { done, onSubmit, show } from "./form.js";
import { fieldWords, refusalWords } from "./words.js";

const { dataset } = document.body;
const [factor, link] = ["factor", "link"].map((id) => document.getElementById(id));
let challenge = "";
let offer = "";

async function start() {
  const came = new URLSearchParams(location.hash.slice(1));
  const [flow, code] = [came.get("flow") ?? "", came.get("code") ?? ""];
  if (location.hash) history.replaceState(null, "", location.pathname);
  if (!code) return choose();
  const name = `sign-in:${flow}`;
  const verifier = sessionStorage.getItem(name);
  sessionStorage.removeItem(name); // it works once
  if (verifier) return finish({ answer: { code, verifier }, session: { delivery: "COOKIE" } });
  const channel = new BroadcastChannel(name);
  channel.postMessage({ flow, code });
  channel.close();
  return show("elsewhere");
}

async function finish(input) {
  show("busy");
  const { payload, refusal } = await call(dataset.login, input, { cookies: true });
  if (refusal) return choose(refusalWords(refusal));
  if (payload.errors.length) return choose(payload.errors.map(fieldWords).join(" "));
  if (payload.link) return offerLink(payload.link);
  challenge = payload.challenge?.token ?? "";
  if (challenge) return show("factor");
  return done(factor, payload.auth?.user);
}

// choose offers the providers, and says what was wrong before.
async function choose(words = "") {
  const { payload } = await call(dataset.providers, null);
  const list = payload?.providers ?? [];
  document.getElementById("buttons").replaceChildren(...list.map(button));
  document.getElementById("none").hidden = list.length > 0;
  show("choose");
  const wrong = document.getElementById("wrong");
  wrong.hidden = !words;
  wrong.textContent = words;
  if (words) wrong.focus();
}

function button({ id, name }) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "primary";
  made.textContent = `Continue with ${name}`;
  made.addEventListener("click", () => begin(id, made));
  return made;
}

const encoded = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

async function begin(provider, pressed) {
  pressed.setAttribute("aria-disabled", "true");
  const verifier = encoded(crypto.getRandomValues(new Uint8Array(32)));
  const challenge = encoded(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier)));
  const { payload, refusal } = await call(dataset.start, { provider, returnUrl: location.origin + location.pathname, challenge });
  if (!payload?.url) return choose(refusal ? refusalWords(refusal) : payload.errors.map(fieldWords).join(" "));
  sessionStorage.setItem(`sign-in:${payload.flow}`, verifier);
  location.assign(payload.url);
}

function offerLink({ token, email, methods }) {
  offer = token;
  document.querySelector("#taken [data-email]").textContent = email ?? "";
  document.getElementById("taken-name").hidden = !email;
  link.elements.email.value = email ?? "";
  show("taken", ...(!email || methods.includes("PASSWORD") ? ["link"] : []));
}

const required = (form, name) => (form.elements[name].value.trim() ? [] : [{ code: "REQUIRED", field: [name] }]);

// An authenticator app shows six digits; a recovery code is longer.
const isShort = (code) => code.replace(/\s/g, "").length <= 8;

onSubmit(factor, {
  send() {
    const code = factor.elements.code.value;
    return call(factor.dataset.document, { challenge, [isShort(code) ? "totpCode" : "recoveryCode"]: code }, { cookies: true });
  },
  check: () => required(factor, "code"),
  refused(errors) {
    if (errors.some((e) => e.code === "INVALID_TOKEN")) { // too late, or too many wrong codes
      factor.reset();
      choose("That took too long, or there were too many wrong codes. Please start again.");
      return true;
    }
    for (const error of errors) if (error.field) error.field = ["code"];
    return false;
  },
  done: ({ auth }) => done(factor, auth?.user),
});

onSubmit(link, {
  async send() {
    const answer = await call(link.dataset.document, {
      email: link.elements.email.value, password: link.elements.password.value, session: { delivery: "COOKIE" }, ...captchaAnswer(link),
    }, { cookies: true });
    const bearer = answer.payload?.auth?.accessToken;
    if (!bearer) return answer.payload?.status === "SECOND_FACTOR_REQUIRED" ? { refusal: { code: "SECOND_FACTOR_REQUIRED" } } : answer;
    return call(dataset.link, { token: offer }, { bearer });
  },
  check: () => [...required(link, "email"), ...required(link, "password")],
  refused(errors) {
    for (const error of errors) if (error.code === "INVALID_CREDENTIALS") error.code = "INVALID_LOGIN";
    return false;
  },
  done: ({ user }) => done(link, user),
});

start();
