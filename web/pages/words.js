// What to tell a person, in the language of the page: words/<language>.json has the
// texts, and the server puts those for scripts into the page.
const said = JSON.parse(document.getElementById("words").textContent);

// text returns one of the texts, with values in its placeholders.
export const text = (key, values) => filled(said.text[key], values);

const filled = (words, values = {}) => words.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

// Codes of enum AuthErrorCode, and our own: what the person at the form can fix. The
// server's own message is the default for codes that this page does not know.
export function fieldWords(error) {
  const { passwordMin: min, passwordMax: max } = document.body.dataset;
  const { code } = error;
  if (code === "REQUIRED" && error.field?.at(-1) === "captcha") return text("captcha");
  if (code === "PASSWORD_TOO_SHORT" && !Number(min)) return text("tooShort");
  if (code === "TOO_LONG" && !Number(max)) return text("tooLong");
  if (!Object.hasOwn(said.field, code)) return error.message ?? text("refused");
  return filled(said.field[code], { min, max, when: later(error.retryAfter) });
}

// refusalWords has the codes of enum RequestErrorCode, and NETWORK: what is not the
// form's fault.
export function refusalWords({ code, retryAfter, requestId }) {
  const words = Object.hasOwn(said.request, code) ? filled(said.request[code], { when: later(retryAfter) }) : text("ourFault");
  return requestId ? text("report", { words, id: requestId }) : words;
}

// later says when to try again. Browsers know the numbers of each language.
function later(seconds) {
  if (!(seconds > 0)) return text("inAMoment");
  if (seconds === 1) return text("inASecond");
  const [n, unit] = seconds < 90 ? [seconds, "second"] : seconds < 90 * 60 ? [seconds / 60, "minute"] : [seconds / 3600, "hour"];
  return new Intl.RelativeTimeFormat(document.documentElement.lang).format(Math.ceil(n), unit);
}
