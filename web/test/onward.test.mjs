// From the hosted pages on: to an application that does not find the session, and to a provider and back.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { account, password, talkTo } from "./api.mjs";
import { assertAccessible, open, stored } from "./browser.mjs";
import { skip, start } from "./program.mjs";
import { go, heading, serve, somebody } from "./provider.mjs";

const button = (page, name) => page.getByRole("button", { name, exact: true });

async function logIn(page, email) {
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await button(page, "Log in").click();
}

// application is of another site, where the browser does not send our cookie: it sends everybody to the log-in.
async function application(t) {
  const it = { visits: 0, logIn: "" };
  const app = createServer((asked, answer) => {
    if (asked.url === "/") it.visits++;
    answer.writeHead(200, { "Content-Type": "text/html" }).end(`<title>x</title><script>setTimeout(() => location.assign("${it.logIn}"), 50)</script>`);
  });
  await new Promise((listening) => { app.listen(0, "127.0.0.1", listening); });
  t.after(() => { app.closeAllConnections(); app.close(); });
  return Object.assign(it, { home: `http://127.0.0.1:${app.address().port}` });
}

test("an application that sends people back at once is no loop", { skip }, async (t) => {
  const app = await application(t);
  const at = await start(t, { LISTEN: "localhost:0", APP_URL: `${app.home}/`, LIMIT_SIGN_UP: "off" });
  app.logIn = `${at}/log-in`;
  talkTo(at);
  const email = await account();
  const page = await open(t, "/log-in", { at, others: [app.home] });
  await logIn(page, email);
  await heading(page, "You are logged in");
  await assertAccessible(page);
  await page.waitForTimeout(2_000);
  assert.ok(app.visits <= 2, `${app.visits} visits`);
  await page.getByRole("link", { name: "To the application" }).click(); // by themselves people may go on
  await page.waitForURL(`${app.home}/`);
  await heading(page, "You are logged in");
  await page.getByRole("link", { name: "Your account" }).click();
  await heading(page, "Your account");
  await button(page, "Log out").click();
  await heading(page, "Log in");
});

test("the log-in leads to a provider, and back to the account, where another one is linked", { skip }, async (t) => {
  const { at, corp, club } = await serve();
  const page = await open(t, "/log-in", { at, others: [corp.origin, club.origin] });
  await go(page, "Corp", "", "Cancel");
  await page.getByText("you did not allow this").waitFor();
  await page.goto(`${at}/log-in`);
  const { who, email } = somebody(corp);
  await go(page, "Corp", who);
  await heading(page, "You are logged in");
  await page.getByRole("link", { name: "Continue" }).click();
  await page.getByText(`Your address is ${email}.`).waitFor();
  const identities = page.getByRole("region", { name: "Log in with others", exact: true });
  const opened = page.waitForEvent("popup");
  await button(identities, "Link Club").click();
  const popup = await opened;
  await popup.getByLabel("Name", { exact: true }).fill(somebody(club).who);
  await button(popup, "Log in").click();
  await identities.getByText("Club", { exact: true }).waitFor();
  assert.deepEqual((await stored(page)).session, []);
  await button(identities, "Unlink: Club").click();
  await identities.getByText("Club", { exact: true }).waitFor({ state: "detached" });
});
