// Writes into GraphiQL's tabs: headers and variables are JSON that a person may
// have edited, so that what is not JSON is left as it is.

const parse = (text) => {
  try {
    const value = text?.trim() ? JSON.parse(text) : {};
    return value !== null && typeof value === "object" && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
};

const print = (value) => (Object.keys(value).length ? JSON.stringify(value, null, 2) : "");

// withBearer returns headers with the token as bearer, or without any for "".
export function withBearer(headers, token) {
  const value = parse(headers);
  if (value === null) return headers;
  for (const name of Object.keys(value)) if (name.toLowerCase() === "authorization") delete value[name];
  return print(token ? { ...value, Authorization: `Bearer ${token}` } : value);
}

// withInput returns variables with input[name] set, where it is there to be set.
export function withInput(variables, name, secret) {
  const value = parse(variables);
  if (typeof value?.input?.[name] !== "string") return variables;
  value.input[name] = secret;
  return print(value);
}

// editTabs applies change({ query, headers, variables }), which returns new
// headers and variables, to every tab: to the active one in its editors.
export function editTabs(editor, change) {
  const { tabs, activeTabIndex, moveTab, queryEditor, headerEditor, variableEditor } = editor;
  moveTab(tabs.map((tab, i) => (i === activeTabIndex ? tab : { ...tab, ...change(tab) })));
  const active = { query: queryEditor.getValue(), headers: headerEditor.getValue(), variables: variableEditor.getValue() };
  const { headers = active.headers, variables = active.variables } = change(active);
  if (headers !== active.headers) headerEditor.setValue(headers);
  if (variables !== active.variables) variableEditor.setValue(variables);
}

// fillTab sets input[name] in the tab with this mutation and goes there. It
// returns false if the person has closed that tab.
export function fillTab(editor, mutation, name, secret) {
  const { tabs, activeTabIndex, queryEditor, changeTab } = editor;
  const holds = (query) => query?.includes(`mutation ${mutation}(`);
  const at = tabs.findIndex((tab, i) => holds(i === activeTabIndex ? queryEditor.getValue() : tab.query));
  if (at < 0) return false;
  editTabs(editor, ({ query, variables }) => (holds(query) ? { variables: withInput(variables, name, secret) } : {}));
  if (at !== activeTabIndex) {
    changeTab(at);
    setTimeout(() => document.querySelector(".graphiql-tab-active")?.scrollIntoView({ block: "nearest", inline: "nearest" }), 50);
  }
  document.querySelector(".graphiql-editor-tools [data-name=variables]")?.click(); // so that it is seen
  return true;
}
