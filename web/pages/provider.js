// Begins a login at a provider, and takes what comes back from it.
import { call } from "./api.js";
import { fieldWords, refusalWords, text } from "./words.js";

const { dataset } = document.body;
const verifierOf = (flow) => `sign-in:${flow}`;
const restOf = (flow) => `sign-in-for:${flow}`;
const encoded = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

function take(name) {
  const text = sessionStorage.getItem(name);
  sessionStorage.removeItem(name); // it works once
  return text;
}

// takeCame returns what came back, or null, and removes it from the address bar. There
// is no verifier if another page began. rest is what begin was given to keep.
export function takeCame() {
  const came = new URLSearchParams(location.hash.slice(1));
  const [flow, code] = [came.get("flow") ?? "", came.get("code") ?? ""];
  if (location.hash) history.replaceState(null, "", location.pathname);
  return code ? { flow, code, verifier: take(verifierOf(flow)), rest: JSON.parse(take(restOf(flow)) ?? "{}") } : null;
}

// handOver gives what came to the page that began, if that is of this origin.
export function handOver({ flow, code }) {
  const channel = new BroadcastChannel(verifierOf(flow));
  channel.postMessage({ flow, code });
  channel.close();
}

// providerButton leads to a provider. failed is called with the words if that is refused.
export function providerButton({ id, name }, rest, failed) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "primary";
  button.textContent = text("continueWith", { provider: name });
  button.addEventListener("click", async () => {
    if (button.hasAttribute("aria-disabled")) return;
    button.setAttribute("aria-disabled", "true");
    const words = await begin(id, { name, ...rest });
    if (!words) return; // the browser leaves
    button.removeAttribute("aria-disabled");
    failed(words);
  });
  return button;
}

// forgetOthers removes what visits have left that were given up.
function forgetOthers() {
  for (let i = sessionStorage.length - 1; i >= 0; i--) {
    const name = sessionStorage.key(i);
    if (/^sign-in(-for)?:/.test(name)) sessionStorage.removeItem(name);
  }
}

// begin leaves the page for a provider. It returns what to say if that was refused.
async function begin(provider, rest) {
  const verifier = encoded(crypto.getRandomValues(new Uint8Array(32)));
  const challenge = encoded(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier)));
  const { payload, refusal } = await call(dataset.start, { provider, returnUrl: location.origin + location.pathname, challenge });
  if (refusal) return refusalWords(refusal);
  if (!payload.url) return payload.errors.map(fieldWords).join(" ");
  forgetOthers();
  sessionStorage.setItem(verifierOf(payload.flow), verifier);
  sessionStorage.setItem(restOf(payload.flow), JSON.stringify(rest));
  location.assign(payload.url);
  return "";
}

// A browser may show the page as it was left: somebody came back by its Back button.
addEventListener("pageshow", ({ persisted }) => {
  if (!persisted) return;
  for (const button of document.querySelectorAll("button[type=button][aria-disabled]")) button.removeAttribute("aria-disabled");
});
