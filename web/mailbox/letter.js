// Shows one letter: to whom, what, when, its link and token ready to copy, and
// its body as mail programs show it.
import { frame } from "./frame.js";

// element makes an element with properties and children; strings become text.
export function element(tag, properties, ...children) {
  const e = Object.assign(document.createElement(tag), properties);
  e.append(...children.filter((child) => child !== null));
  return e;
}

export function render(letter) {
  const facts = element("dl", {},
    ...fact("To", letter.to), ...fact("When", new Date(letter.at).toLocaleString()), ...fact("Template", letter.letter));
  return [
    element("h2", {}, letter.subject),
    facts,
    ...(letter.link ? [secret("Link", letter.link, "link", openButton(letter.link))] : []),
    ...(letter.token ? [secret("Token", letter.token, "token", null)] : []),
    ...body(letter),
  ];
}

const fact = (name, value) => [element("dt", {}, name), element("dd", {}, value)];

// A link is followed only if it leads to a web page.
function openButton(link) {
  if (!/^https?:\/\//i.test(link)) return null;
  return element("a", { className: "button", href: link, target: "_blank", rel: "noreferrer" }, "Open");
}

function secret(name, value, id, extra) {
  const input = element("input", { id, value, readOnly: true, spellcheck: false });
  input.addEventListener("focus", () => input.select());
  const copy = element("button", { type: "button", ariaLabel: `Copy ${name.toLowerCase()}` }, "Copy");
  copy.addEventListener("click", async () => {
    copy.textContent = (await copied(input)) ? "Copied" : "Press Ctrl+C";
    setTimeout(() => { copy.textContent = "Copy"; }, 1_500);
  });
  return element("div", { className: "secret" }, element("label", { htmlFor: id }, name), input, copy, extra);
}

// The clipboard is there on localhost and over https only.
async function copied(input) {
  try {
    await navigator.clipboard.writeText(input.value);
    return true;
  } catch {
    input.select();
    return document.execCommand("copy");
  }
}

function body(letter) {
  const views = [];
  if (letter.html) views.push(["As HTML", () => frame(letter.html)]);
  if (letter.text) views.push(["As text", () => element("pre", {}, letter.text)]);
  const place = element("div", {});
  const buttons = views.map(([name, make], i) => {
    const button = element("button", { type: "button", ariaPressed: "false" }, name);
    const open = () => {
      place.replaceChildren(make());
      for (const b of buttons) b.ariaPressed = String(b === button);
    };
    button.addEventListener("click", open);
    if (i === 0) queueMicrotask(open);
    return button;
  });
  const group = element("div", {}, ...buttons);
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", "Show the e-mail");
  return [group, place];
}
