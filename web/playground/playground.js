// Starts GraphiQL with the tour. Nothing outlives the page: headers and answers
// hold tokens, so that storage is in memory, and cookies are left out.
import { Bar } from "./bar.js";
import { offerFrom } from "./answer.js";
import { tour } from "./tour.js";
import { withBearer } from "./tabs.js";

const { createElement: h, useMemo, useState } = window.React;
const { GraphiQL } = window;
const { endpoint, mailbox, styleNonce } = document.body.dataset;

// Read by the scroll lock of GraphiQL's dialogs for the style element it makes.
window.__webpack_nonce__ = styleNonce;

function memory() {
  const items = new Map();
  return {
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => items.set(key, value),
    removeItem: (key) => items.delete(key),
    clear: () => items.clear(),
    get length() { return items.size; },
  };
}

// GraphiQL notices a tenth of a second late which operation is in its editor. Who
// changes tabs and runs at once would send the name of another tab's.
function withTrueName(params) {
  let definitions;
  try {
    ({ definitions } = GraphiQL.GraphQL.parse(params.query));
  } catch {
    return params; // the server says what is wrong
  }
  const names = definitions.filter((d) => d.kind === "OperationDefinition").map((d) => d.name?.value);
  return names.includes(params.operationName) ? params : { ...params, operationName: names.length === 1 ? names[0] : undefined };
}

async function ask(params, headers) {
  const response = await fetch(endpoint, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json", ...headers },
    body: JSON.stringify(params),
    credentials: "omit",
    cache: "no-store",
  });
  try {
    return await response.json();
  } catch {
    throw new Error(`The server answered with status ${response.status}, and not in JSON.`);
  }
}

const tabs = tour(mailbox === "true");

function Playground() {
  const [offer, setOffer] = useState(null);
  const [token, setToken] = useState("");
  const fixed = useMemo(() => ({
    storage: memory(),
    defaultTabs: tabs,
    variables: tabs[0].variables, // GraphiQL takes all of the first tab but these
    async fetcher(given, options) {
      const params = withTrueName(given);
      const result = await ask(params, options?.headers);
      // An offer stands until the next one, for those who run something in between.
      setOffer((standing) => offerFrom(params, result) ?? standing);
      return result;
    },
  }), []);
  return h(GraphiQL, {
    ...fixed,
    shouldPersistHeaders: false,
    defaultEditorToolsVisibility: "variables",
    defaultHeaders: withBearer("", token), // of tabs that are yet to be opened
  }, h(GraphiQL.Logo, null, h(Bar, { offer, mailbox: mailbox === "true", onToken: setToken })));
}

window.ReactDOM.createRoot(document.getElementById("playground")).render(h(Playground));
