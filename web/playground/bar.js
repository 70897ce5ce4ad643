// The bar above GraphiQL: says what the last answer makes possible, and does it
// at a click. It is rendered inside GraphiQL, whose tabs it edits, and shown in
// the page's header.
import { editTabs, fillTab, withBearer, withInput } from "./tabs.js";
import { newestToken } from "./letters.js";

const { createElement: h, useEffect, useRef, useState } = window.React;
const { createPortal } = window.ReactDOM;
const { useEditorContext } = window.GraphiQL.React;

// Which tab takes the token of an e-mail.
const takers = { confirm: "Confirm", reset_password: "ResetPassword" };

export function Bar({ offer, mailbox, onToken }) {
  const editor = useEditorContext({ nonNull: true });
  const latest = useRef(editor); // a letter may take seconds, and tabs change meanwhile
  latest.current = editor;
  const [used, setUsed] = useState(null); // the offer whose token is in the headers
  const [expired, setExpired] = useState(false);
  const [note, setNote] = useState({ offer: null, words: "" }); // what became of a letter's offer

  useEffect(() => {
    setExpired(false);
    if (!used?.expiresIn) return undefined;
    const timer = setTimeout(() => setExpired(true), used.expiresIn * 1000);
    return () => clearTimeout(timer);
  }, [used]);

  // The tour's comments are to be read in a narrow window too.
  useEffect(() => { editor.queryEditor?.setOption("lineWrapping", true); }, [editor.queryEditor]);

  function applyToken() {
    editTabs(latest.current, ({ headers, variables }) => ({
      headers: withBearer(headers, offer.accessToken),
      variables: offer.refreshToken ? withInput(variables, "refreshToken", offer.refreshToken) : variables,
    }));
    onToken(offer.accessToken);
    document.querySelector(".graphiql-editor-tools [data-name=headers]")?.click(); // so that it is seen
    setUsed(offer);
  }

  function dropToken() {
    editTabs(latest.current, ({ headers }) => ({ headers: withBearer(headers, "") }));
    onToken("");
    setUsed(null);
  }

  async function takeToken() {
    const tab = takers[offer.letter];
    setNote({ offer, words: "Looking in the mailbox…" });
    const token = await newestToken(offer.letter, offer.to);
    if (token) fill(tab, "token", token, "The token");
    else setNote({ offer, words: "No e-mail with such a token has arrived yet. Look in the mailbox." });
  }

  function fill(tab, name, value, what) {
    const filled = fillTab(latest.current, tab, name, value);
    setNote({ offer, words: filled ? `${what} is in the variables of ${tab}. Run it.` : `The tab ${tab} is closed. Reload this page for a new tour.` });
  }

  const takeValue = () => fill(offer.tab, offer.name, offer.value, `The ${offer.what}`);
  const takeSession = () => fill("RevokeSession", "id", offer.id, "The id of the other session");

  const open = offer !== null && offer !== used;
  return createPortal([
    h("div", { key: "state", className: open ? "state offer" : "state", role: "status" },
      open
        ? offerParts(offer, mailbox, note.offer === offer ? note.words : "", { applyToken, takeToken, takeSession, takeValue })
        : h("p", { className: tone(used, expired) }, status(used, expired))),
    used ? h("button", { key: "drop", type: "button", onClick: dropToken }, "Remove token") : null,
    mailbox ? h("a", { key: "mailbox", href: `${document.body.dataset.base}/dev/mailbox`, target: "_blank" }, "Mailbox") : null,
  ], document.getElementById("bar"));
}

function offerParts(offer, mailbox, note, { applyToken, takeToken, takeSession, takeValue }) {
  if (note) return h("p", null, note);
  if (offer.kind === "fill") {
    return [
      h("p", { key: "words" }, `The answer of ${offer.from} has what ${offer.tab} needs.`),
      h("button", { key: "fill", type: "button", onClick: takeValue }, `Put the ${offer.what} into ${offer.tab}`),
    ];
  }
  if (offer.kind === "other") {
    return [
      h("p", { key: "words" }, "You are logged in elsewhere too."),
      h("button", { key: "end", type: "button", onClick: takeSession }, "Put that session into RevokeSession"),
    ];
  }
  if (offer.kind === "session") {
    return [
      h("p", { key: "words" }, `The answer of ${offer.from} holds an access token.`),
      h("button", { key: "use", type: "button", onClick: applyToken }, "Use this access token"),
    ];
  }
  if (!mailbox) return h("p", null, "An e-mail with a token is on its way.");
  return [
    h("p", { key: "words" }, "An e-mail is on its way. Read it in the mailbox, or"),
    h("button", { key: "take", type: "button", onClick: takeToken }, `Put its token into ${takers[offer.letter]}`),
  ];
}

const tone = (used, expired) => (expired ? "bad" : used ? "good" : "muted");

function status(used, expired) {
  if (!used) return "Take the tour: run the tabs from left to right. No token is in use.";
  if (expired) return "The access token in the headers has expired. Run Refresh.";
  const refresh = used.refreshToken ? ", the refresh token in the variables of Refresh" : "";
  return `The access token is in the headers of every tab${refresh}.`;
}
