// The page that an e-mail with a code links to. It shows the code, and asks the
// server nothing: the code works only in the browser that asked for it, so whoever
// opens this page elsewhere, or makes a machine open it, has done nothing.
import { show } from "./form.js";
import { text } from "./words.js";

const field = document.getElementById("code");
const copy = document.getElementById("copy");
const label = copy.textContent;

function start() {
  const code = new URLSearchParams(location.hash.slice(1)).get("code") ?? "";
  if (location.hash) history.replaceState(null, "", location.pathname);
  const good = /^\d{8}$/.test(code); // a stranger's words are not to stand in our page
  field.value = good ? `${code.slice(0, 4)} ${code.slice(4)}` : "";
  show(good ? "shown" : "missing");
}

copy.addEventListener("click", async () => {
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    copy.textContent = text("copied");
  } catch {
    copy.textContent = text("pressToCopy");
  }
  setTimeout(() => { copy.textContent = label; }, 1_500);
});

// A second link opened in the same tab changes the fragment only.
addEventListener("hashchange", () => location.hash && start());
start();
