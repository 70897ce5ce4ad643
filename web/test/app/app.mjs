// The example as it is built, in front of a server of its own, which has the app's pages in its e-mails.
import { readFileSync } from "node:fs";
import { createServer, request } from "node:http";
import { extname, join } from "node:path";
import { after } from "node:test";
import { fileURLToPath } from "node:url";
import { open as openPage } from "../browser.mjs";
import { start } from "../program.mjs";

export { skip } from "../program.mjs";
export const password = "seven quiet lighthouses";
export const clients = ["urql", "apollo"];

const dist = fileURLToPath(new URL("../../../examples/react/dist", import.meta.url));
const types = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" };

// serve answers with the built files, and passes /graphql on, as the dev server does.
async function serve(client) {
  let server = "";
  const files = createServer((asked, answer) => {
    if (asked.url.startsWith("/graphql")) {
      const on = request(server + asked.url, { method: asked.method, headers: asked.headers }, (answered) => {
        answer.writeHead(answered.statusCode, answered.rawHeaders);
        answered.pipe(answer);
      });
      on.on("error", () => answer.destroy());
      return asked.pipe(on);
    }
    const name = asked.url.startsWith("/assets/") ? asked.url : "/index.html";
    answer.writeHead(200, { "Content-Type": types[extname(name)], "Cache-Control": "no-store" });
    return answer.end(readFileSync(join(dist, client, name)));
  });
  await new Promise((listening) => { files.listen(0, "localhost", listening); });
  after(() => { files.closeAllConnections(); files.close(); });
  return { url: `http://localhost:${files.address().port}`, to: (url) => { server = url; } };
}

// app is a client's build and its server, until the tests of the file end.
export async function app(client, settings = {}) {
  const files = await serve(client);
  const { url } = files;
  const server = await start({ after }, {
    LISTEN: "localhost:0", LIMIT_SIGN_UP: "off", LIMIT_LOGIN: "1000/15m", EMAIL_LOGIN: "true",
    CONFIRM_URL: `${url}/confirm`, RESET_URL: `${url}/reset`, RETURN_URLS: `${url}/signed-in`, ...settings,
  });
  files.to(server);
  return new App(url, server);
}

class App {
  constructor(url, server) {
    Object.assign(this, { url, server });
  }

  // open is a page in a browser context of its own.
  open(t, path = "/log-in", options = {}) {
    return openPage(t, path, { at: this.url, ...options });
  }

  async ask(query, input, bearer) {
    const response = await fetch(`${this.server}/graphql`, {
      method: "POST", headers: { "Content-Type": "application/json", ...(bearer && { Authorization: `Bearer ${bearer}` }) },
      body: JSON.stringify({ query, variables: input && { input } }),
    });
    const { data, errors } = await response.json();
    if (errors) throw new Error(JSON.stringify(errors));
    return Object.values(data)[0];
  }

  // mail waits for an e-mail; path is that of its link.
  async mail(kind, to) {
    for (const end = Date.now() + 15_000; Date.now() < end; await new Promise((wait) => { setTimeout(wait, 100); })) {
      const mails = await (await fetch(`${this.server}/dev/mailbox.json`)).json();
      const found = mails.find((mail) => mail.to === to && mail.letter === kind);
      if (found) return { ...found, path: found.link && found.link.slice(new URL(found.link).origin.length) };
    }
    throw new Error(`no e-mail ${kind} arrived`);
  }

  // account is one that was made behind the page's back.
  async account() {
    const email = newAddress();
    await this.ask("mutation ($input: SignUpInput!) { signUp(input: $input) { status } }", { email, password });
    const { token } = await this.mail("confirm", email);
    const { auth } = await this.ask("mutation ($input: ConfirmInput!) { confirm(input: $input) { auth { accessToken } } }", { token, password });
    return { email, bearer: auth.accessToken };
  }

  // owner is an account, and a page in which it is logged in.
  async owner(t, options) {
    const { email, bearer } = await this.account();
    const page = await this.open(t, "/log-in", options);
    await logIn(page, email);
    return { page, email, bearer };
  }
}

let count = 0;
export const newAddress = () => `app.${Date.now()}.${count++}@example.org`;

export const button = (page, name) => page.getByRole("button", { name, exact: true });
export const field = (page, name) => page.getByLabel(name, { exact: true });
export const heading = (page, name) => page.getByRole("heading", { name, exact: true });
export const section = (page, name) => page.getByRole("region", { name, exact: true });

// unfold opens a form.
export const unfold = (within, name) => within.locator("summary", { hasText: name }).click();

export async function logIn(page, email, secret = password) {
  await page.getByLabel("E-mail address").fill(email);
  await field(page, "Password").fill(secret);
  await button(page, "Log in").click();
  if (secret === password) await heading(page, "Your account").waitFor();
}

export async function logOut(page) {
  await button(page, "Log out").click();
  await heading(page, "Log in").waitFor();
}

// watch counts the operations that the pages of a browser context send.
export function watch(page) {
  const sent = [];
  page.context().on("request", (request) => {
    if (!request.url().includes("/graphql")) return;
    const text = request.postData() ?? decodeURIComponent(request.url());
    const name = /"operationName":"(\w+)"/.exec(text)?.[1] ?? /operationName=(\w+)/.exec(text)?.[1] ?? "?";
    sent.push(name);
  });
  return { sent, count: (name) => sent.filter((one) => one === name).length };
}
