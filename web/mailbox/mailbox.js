// Lists the letters that the development server caught and keeps the list fresh.
// What a letter holds is put into the page as text, never as markup, but for the
// frame that letter.js makes.
import { element, render } from "./letter.js";

const source = "mailbox.json"; // beside the page: /dev/mailbox.json
const period = 1_500; // milliseconds between two looks

const main = document.querySelector("main");
const list = document.getElementById("letters");
const article = document.getElementById("letter");
let letters = [];
let chosen = ""; // id of the letter that was clicked; none: the newest is shown
let shown = "";

async function look() {
  try {
    const response = await fetch(source, { cache: "no-store", credentials: "omit" });
    if (!response.ok) throw new Error(`status ${response.status}`);
    update(await response.json());
    say("");
  } catch {
    say("The server does not answer. Trying again…");
  }
}

function say(words) {
  const state = document.getElementById("state");
  if (state.textContent !== words) state.textContent = words;
}

function update(fresh) {
  const same = fresh.length === letters.length && fresh.every((l, i) => l.id === letters[i].id);
  letters = fresh;
  main.hidden = letters.length === 0;
  document.getElementById("empty").hidden = letters.length !== 0;
  document.title = letters.length ? `Mailbox (${letters.length})` : "Mailbox";
  if (!same) renderList();
  const letter = letters.find((l) => l.id === chosen) ?? letters[0];
  if (letter && letter.id !== shown) open(letter);
}

function open(letter) {
  shown = letter.id;
  article.replaceChildren(...render(letter));
  for (const button of list.querySelectorAll("button")) {
    button.setAttribute("aria-current", String(button.dataset.id === shown));
  }
}

function renderList() {
  const focused = document.activeElement?.closest("nav button")?.dataset.id;
  list.replaceChildren(...letters.map(row));
  if (focused) [...list.querySelectorAll("button")].find((b) => b.dataset.id === focused)?.focus();
}

function row(letter) {
  const at = new Date(letter.at);
  const button = element("button", { type: "button" },
    element("span", { className: "to" }, letter.to),
    element("time", { dateTime: letter.at, title: at.toLocaleString() }, at.toLocaleTimeString()),
    element("span", { className: "subject" }, letter.subject));
  button.dataset.id = letter.id;
  button.setAttribute("aria-current", String(letter.id === shown));
  button.addEventListener("click", () => {
    chosen = letter.id;
    open(letter);
    article.focus();
  });
  return element("li", {}, button);
}

// Waits for an answer before it asks again, and rests while nobody looks.
async function watch() {
  if (!document.hidden) await look();
  setTimeout(watch, period);
}

document.addEventListener("visibilitychange", () => document.hidden || look());
watch();
