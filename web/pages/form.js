// What the hosted pages' forms have in common: the token, showing one part of
// the page at a time, saying what is wrong, and pressing the button once.
import { call } from "./api.js";
import { drawCaptchas, resetCaptcha } from "./captcha.js";
import { fieldWords, refusalWords, text } from "./words.js";

// takeFragment returns the token and the address in the fragment, each or "", and
// removes them from the address bar and so from the history: the token is a
// secret while it is valid. What is no address is not returned as one: a
// stranger's words are not to stand in our page.
export function takeFragment() {
  const given = new URLSearchParams(location.hash.slice(1));
  if (location.hash) history.replaceState(null, "", location.pathname);
  const email = given.get("email") ?? "";
  return { token: given.get("token") ?? "", email: isAddress(email) ? email : "" };
}

const isAddress = (text) => text.length <= 254 && /^[^\s\p{C}<>"@]+@[^\s\p{C}<>"@]+$/u.test(text);

// show makes these forms and sections the visible ones and tells a screen reader
// of the first.
export function show(...ids) {
  for (const part of document.querySelectorAll("main > form, main > section")) part.hidden = !ids.includes(part.id);
  const fields = document.querySelectorAll(`#${ids[0]} .field input, #${ids[0]} button[type=submit]`);
  const first = [...fields].find((field) => !field.closest("[hidden]")) ?? document.querySelector(`#${ids[0]} h1`);
  first.focus();
  drawCaptchas();
}

// done shows the end of the story, with the name to log in by where it is known,
// and forgets what was typed.
export function done(form, user, end = "done") {
  const name = user?.email ?? user?.username;
  if (name) {
    for (const place of document.querySelectorAll(`#${end} [data-name]`)) place.textContent = name;
    for (const phrase of document.querySelectorAll(`#${end} [data-name-phrase]`)) phrase.hidden = false;
    // Password managers look here for the name when the form goes away.
    const { username } = form.elements;
    if (username) username.value = name;
  }
  show(end);
  form.reset();
}

// onSubmit has a form run the mutation in its data-document. options:
//   input()  its input; or send(), which asks the server itself, as call does
//   check()  what is wrong before the server is asked, as the server's errors, or nothing
//   checks   name of a field with a new password, to check its length in place of check()
//   done(payload), refused(errors), failed(refusal)  what follows; the last two return true
//            where they have dealt with it
export function onSubmit(form, options) {
  const button = form.querySelector("button[type=submit]");
  const label = button.textContent;
  let busy = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (busy) return;
    clear();
    const wrong = options.checks ? checkPassword(form, options.checks) : options.check?.() ?? [];
    if (wrong.length) return complain(form, wrong);
    busy = true;
    // Not disabled: that would take the focus away.
    button.setAttribute("aria-disabled", "true");
    button.textContent = button.dataset.busy;
    const { payload, refusal } = await (options.send?.() ?? call(form.dataset.document, options.input()));
    resetCaptcha(form);
    if (refusal) options.failed?.(refusal) || say(form, refusalWords(refusal));
    else if (payload.errors.length === 0) await options.done(payload);
    else if (!options.refused?.(payload.errors)) complain(form, payload.errors);
    button.textContent = label;
    button.removeAttribute("aria-disabled");
    busy = false;
  });
}

// checkPassword spares the person a round trip; the server decides.
function checkPassword(form, field) {
  const { passwordMin, passwordMax } = document.body.dataset;
  const length = [...form.elements[field].value].length; // code points, as the server counts
  const wrong = (code) => [{ code, field: [field] }];
  if (length === 0) return wrong("REQUIRED");
  if (length < Number(passwordMin)) return wrong("PASSWORD_TOO_SHORT");
  if (Number(passwordMax) && length > Number(passwordMax)) return wrong("TOO_LONG");
  return [];
}

// complain puts each error beside the field that it names, or below the form.
function complain(form, errors) {
  const rest = [];
  for (const error of errors) {
    const field = form.elements.namedItem(error.field?.at(-1) ?? "");
    const place = field && document.getElementById(`${field.id}-error`);
    if (!place) {
      rest.push(fieldWords(error));
      continue;
    }
    place.textContent = fieldWords(error);
    place.hidden = false;
    field.setAttribute("aria-invalid", "true");
  }
  if (rest.length) say(form, rest.join(" "));
  form.querySelector("[aria-invalid=true]")?.focus();
}

function say(form, words) {
  const place = form.querySelector("[data-error]");
  place.textContent = words;
  place.hidden = false;
  place.focus();
}

// clear takes away what was said of any form: the last press alone counts.
function clear() {
  for (const place of document.querySelectorAll(".field-error, [data-error]")) {
    place.hidden = true;
    place.textContent = "";
  }
  for (const field of document.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
}

// The buttons that show what was typed.
for (const button of document.querySelectorAll("[data-reveals]")) {
  const [show, label] = [button.textContent, button.getAttribute("aria-label")];
  button.addEventListener("click", () => {
    const field = document.getElementById(button.dataset.reveals);
    const hide = field.type === "text";
    field.type = hide ? "password" : "text";
    button.textContent = hide ? show : text("hide");
    button.setAttribute("aria-label", hide ? label : text("hidePassword")); // has what is seen in it, for those who say it
  });
}
