// The page that a browser comes back to from a provider, if the application has no
// page of its own. It also offers the providers, to begin here.
//
// What comes back is a code that is worth nothing by itself: the page that began keeps
// the verifier. Where this page did not begin, as in a popup, it hands the code to
// the one that did, if that is of this origin.
import { call } from "./api.js";
import { done, show } from "./form.js";
import { linkOffered, offerLink, remember } from "./linking.js";
import { handOver, providerButton, takeCame } from "./provider.js";
import { askFactor } from "./second-factor.js";
import { fieldWords, refusalWords } from "./words.js";

const { dataset } = document.body;
const factor = document.getElementById("factor");

function start() {
  const came = takeCame();
  if (!came) return choose();
  if (came.verifier) return finish(came);
  handOver(came);
  return show("elsewhere");
}

async function finish({ code, verifier, rest }) {
  show("busy");
  remember(rest.offer);
  const { payload, refusal } = await call(dataset.login, { answer: { code, verifier }, session: { delivery: "COOKIE" } }, { cookies: true });
  if (refusal) return choose(refusalWords(refusal));
  if (payload.errors.length) return choose(payload.errors.map(words).join(" "));
  if (payload.link) return offerLink(payload.link, rest.name, await providers(), { loggedIn: goOn, failed: choose });
  return goOn(factor, payload);
}

const words = (error) => fieldWords(error.code === "INVALID_TOKEN" ? { code: "ANSWER_GONE" } : error);

// goOn follows a login, in whatever way.
async function goOn(form, { status, auth, challenge }) {
  if (challenge) return askFactor(challenge, { proved: goOn, over: choose });
  if (status === "FACTOR_SETUP_REQUIRED") return show("setup"); // such a session can link nothing
  await linkOffered();
  return done(form, auth?.user);
}

async function providers() {
  const { payload } = await call(dataset.providers, null);
  return payload?.providers ?? null;
}

// choose offers the providers, and says what was wrong before.
async function choose(wrong = "") {
  remember(null);
  const list = await providers();
  document.getElementById("buttons").replaceChildren(...(list ?? []).map((one) => providerButton(one, {}, choose)));
  document.getElementById("none").hidden = list === null || list.length > 0;
  show("choose");
  const place = document.getElementById("wrong");
  place.textContent = wrong || (list ? "" : refusalWords({ code: "NETWORK" }));
  place.hidden = !place.textContent;
  if (!place.hidden) place.focus();
}

start();
