// /log-in, /sign-up and /account: pages for an application without a front end of its own.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { letter, newAddress, password } from "./api.mjs";
import { assertAccessible, looks, open } from "./browser.mjs";
import { skip, start } from "./program.mjs";

const button = (page, name) => page.getByRole("button", { name, exact: true });
const heading = (page, name) => page.getByRole("heading", { name, exact: true });

async function signUp(page, email) {
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await button(page, "Sign up").click();
  await heading(page, "Check your e-mail").waitFor();
  return letter("confirm", email);
}

async function logIn(page, email) {
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await button(page, "Log in").click();
}

test("from sign-up over the page of the e-mail to the account, and out", async (t) => {
  const page = await open(t, "/log-in");
  await page.getByRole("link", { name: "Sign up" }).click();
  await heading(page, "Sign up").waitFor();
  const email = newAddress();
  const { link } = await signUp(page, email);
  const tab = await page.context().newPage();
  await tab.goto(link);
  await button(tab, "Confirm").click();
  await tab.getByRole("link", { name: "Log in" }).or(tab.getByRole("link", { name: "Continue" })).first().click();
  await heading(tab, "Your account").waitFor(); // the session is in the cookie
  await tab.getByText(`Your address is ${email}.`).waitFor();
  await assertAccessible(tab);
  await button(tab, "Add an authenticator app").click();
  await tab.getByAltText("QR code with the key").waitFor();
  await button(tab, "Log out").click();
  await heading(tab, "Log in").waitFor();
  await tab.getByRole("link", { name: "Forgot your password?" }).click();
  await tab.waitForURL("**/reset");
});

for (const look of looks) {
  test(`log-in and sign-up can be used, ${look.name}`, async (t) => {
    const page = await open(t, "/log-in", look);
    await heading(page, "Log in").waitFor();
    await assertAccessible(page);
    await button(page, "Log in").click();
    await page.locator("[aria-invalid=true]").first().waitFor();
    await assertAccessible(page);
    await page.goto(new URL("/sign-up", page.url()).href);
    await heading(page, "Sign up").waitFor();
    await assertAccessible(page);
  });
}

// An application on another port of this machine: the same site, as a sub-domain would be.
async function application(t) {
  const app = createServer((_, answer) => answer.writeHead(200, { "Content-Type": "text/html" }).end("<h1>The application</h1>"));
  await new Promise((listening) => { app.listen(0, "localhost", listening); });
  t.after(() => { app.closeAllConnections(); app.close(); });
  return `http://localhost:${app.address().port}`;
}

test("people go on to the application, which finds the session in the cookie", { skip }, async (t) => {
  const home = await application(t);
  const [first, other] = [`${home}/`, `${home}/other?a=b&c`];
  const folder = mkdtempSync(join(tmpdir(), "authgraph-brand-"));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "logo.svg"), '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20"><rect width="40" height="20" fill="teal"/></svg>');
  const at = await start(t, {
    LISTEN: "localhost:0", LIMIT_SIGN_UP: "off", APP_URL: `${first},${other}`, BRAND_NAME: "Brand & Co", BRAND_COLOR: "#ffee00", BRAND_LOGO: join(folder, "logo.svg"),
  });
  const visit = (path) => open(t, path, { at, others: [home] });
  const name = `u${Date.now()}`;
  const page = await visit("/sign-up");
  await page.getByText("Brand & Co").waitFor();
  await assertAccessible(page); // the yellow was made darker
  await button(page, "Use a username instead").click();
  await page.getByLabel("Username").fill(name);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await button(page, "Sign up").click();
  await page.waitForURL(first);
  const found = await page.evaluate(async (url) => (await fetch(`${url}/graphql`, {
    method: "POST", credentials: "include", headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ query: "mutation { refresh { auth { user { username } } } }" }),
  })).json(), at);
  assert.equal(found.data.refresh.auth.user.username, name);

  for (const [asked, went] of [[other, other], [`${other}#x`, first], ["https://evil.example/", first], [`${home}/other`, first], ["javascript:alert(1)", first]]) {
    const tab = await visit(`/log-in?return=${encodeURIComponent(asked)}`);
    await logIn(tab, name);
    await tab.waitForURL(went);
  }
  const account = await visit("/log-in");
  await logIn(account, name);
  await account.waitForURL(first);
  await account.goto(`${at}/account`);
  await account.getByRole("link", { name: "To the application" }).click();
  await account.waitForURL(first);
});

test("with registered documents only, the pages work all the same", { skip }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "authgraph-documents-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const own = "query Own { __typename }"; // of the operator's application, and none of the pages'
  writeFileSync(join(folder, "documents.json"), JSON.stringify({ [createHash("sha256").update(own).digest("hex")]: own }));
  const at = await start(t, { LISTEN: "localhost:0", TRUSTED_DOCUMENTS: join(folder, "documents.json") });
  const page = await open(t, "/sign-up", { at });
  const name = `u${Date.now()}`;
  await button(page, "Use a username instead").click();
  await page.getByLabel("Username").fill(name);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await button(page, "Sign up").click();
  await page.getByText(`Your username is ${name}.`).waitFor();
  await button(page, "Log out").click();
  await heading(page, "Log in").waitFor();
});

test("an operator can switch them off", { skip }, async (t) => {
  const at = await start(t, { LISTEN: "localhost:0", HOSTED_PAGES: "off" });
  for (const path of ["/log-in", "/sign-up", "/account"]) assert.equal((await fetch(at + path)).status, 404);
  assert.equal((await fetch(`${at}/confirm`)).status, 200);
});
