// Links what came from a provider with the account that has the same address: its
// owner logs in to it first, in a way that opens it already.
import { call, sessionBearer } from "./api.js";
import { captchaAnswer } from "./captcha.js";
import { onSubmit, show } from "./form.js";
import { passkeysWork, usePasskey } from "./passkey.js";
import { providerButton } from "./provider.js";
import { fieldWords, refusalWords, text } from "./words.js";

const { dataset } = document.body;
const [link, touched] = ["link", "link-by-passkey"].map((id) => document.getElementById(id));
const label = document.querySelector("label[for=link-name]");
const emailAddress = label.textContent;
const session = { delivery: "COOKIE" };
let offer = null; // the token, and the name of the provider that is to open the account
let loggedIn = null;

// offerLink shows the ways in to the account; known are the providers, or null if they could not be asked for. then has two functions: loggedIn(form, payload)
// with what a login answered, and failed(words).
export function offerLink({ token, email, methods, providers }, name, known, then) {
  remember({ token, name });
  ({ loggedIn } = then);
  document.querySelector("#taken [data-email]").textContent = email ?? "";
  document.getElementById("taken-name").hidden = !email;
  const buttons = (known ?? []).filter(({ id }) => providers.includes(id)).map((one) => providerButton(one, { offer }, then.failed));
  document.getElementById("ways").replaceChildren(...buttons);
  link.elements.name.value = email ?? "";
  link.elements.name.readOnly = Boolean(email);
  link.elements.password.value = "";
  label.textContent = email ? emailAddress : text("emailOrUsername");
  const ways = [[link, !email || methods.includes("PASSWORD")], [touched, methods.includes("PASSKEY") && passkeysWork()]];
  show("taken", ...ways.filter(([, shown]) => shown).map(([form]) => form.id), "mailbox");
}

// remember is for an offer that was made before a visit to another provider.
export function remember(kept) {
  offer = kept ?? null;
  for (const place of document.querySelectorAll("[data-provider]")) place.textContent = offer?.name ?? text("theProvider");
}

// linkOffered links what was offered, if anything was, with the account that this browser is
// logged in to. It says on the page how that went.
export async function linkOffered() {
  if (!offer) return;
  const { payload, refusal } = await call(dataset.link, { token: offer.token }, { bearer: await sessionBearer() });
  const words = refusal ? refusalWords(refusal) : payload.errors.map(linkWords).join(" ");
  document.getElementById("linked").hidden = Boolean(words);
  document.getElementById("not-linked").hidden = !words;
  document.getElementById("not-linked-why").textContent = words;
  offer = null;
}

const linkWords = (error) => fieldWords(error.code === "INVALID_TOKEN" ? { code: "OFFER_GONE" } : error);

const required = (name) => (link.elements[name].value.trim() ? [] : [{ code: "REQUIRED", field: [name] }]);

onSubmit(link, {
  send() {
    const name = link.elements.name.value;
    return call(link.dataset.document, {
      [name.includes("@") ? "email" : "username"]: name, password: link.elements.password.value, session, ...captchaAnswer(link),
    }, { cookies: true });
  },
  check: () => [...required("name"), ...required("password")],
  refused(errors) {
    for (const error of errors) {
      if (error.code === "INVALID_CREDENTIALS" && !link.elements.name.readOnly) error.code = "INVALID_NAME";
      if (["email", "username"].includes(error.field?.at(-1))) error.field = ["name"];
    }
    return false;
  },
  done: (payload) => loggedIn(link, payload),
});

onSubmit(touched, {
  async send() {
    const begun = await call(touched.dataset.start, null);
    if (!begun.payload?.options) return begun;
    let passkey;
    try {
      passkey = await usePasskey(begun.payload.options);
    } catch {
      return { refusal: { code: "PASSKEY" } };
    }
    return call(touched.dataset.document, { passkey, session }, { cookies: true });
  },
  refused(errors) {
    for (const error of errors) if (error.code === "INVALID_CREDENTIALS") error.code = "INVALID_PASSKEY";
    return false;
  },
  done: (payload) => loggedIn(link, payload),
});
