// The Next.js example: what its server does with the person's cookies.
import assert from "node:assert/strict";
import { test } from "node:test";
import { open } from "../browser.mjs";
import { accessTTL, alone, Browser, grace, password, pause, person, site, skip } from "./site.mjs";

const { url, server } = skip ? {} : await site();
const expired = accessTTL + 500;

test("log in, the private page, a reload after the token has expired, log out", { skip }, async (t) => {
  const { name } = await person(url);
  const page = await open(t, "/private", { at: url });
  await page.waitForURL("**/log-in");
  await page.getByLabel("E-mail address").fill(name);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Log in", exact: true }).click();
  await page.getByText(`Only ${name} sees this.`).waitFor();
  const cookies = async () => Object.fromEntries((await page.context().cookies()).map((c) => [c.name, c]));
  const before = await cookies();
  assert.ok(before.authgraph.httpOnly && before.access.httpOnly);
  assert.deepEqual([before.authgraph.sameSite, before.access.sameSite], ["Lax", "Lax"]);
  await page.reload();
  assert.equal((await cookies()).access.value, before.access.value, "a young token is not renewed");

  const tab = await page.context().newPage();
  await pause(expired);
  await Promise.all([page.reload(), tab.goto(`${url}/private`)]);
  for (const each of [page, tab]) await each.getByText(`Only ${name} sees this.`).waitFor();
  const renewed = await cookies();
  assert.notEqual(renewed.access.value, before.access.value);
  assert.notEqual(renewed.authgraph.value, before.authgraph.value);
  await pause(grace + expired);
  await page.reload();
  await page.getByText(`Only ${name} sees this.`).waitFor();

  await page.getByRole("button", { name: "Log out" }).click();
  await page.getByText("You are not logged in.").waitFor();
  assert.deepEqual(Object.keys(await cookies()).filter((each) => each === "authgraph" || each === "access"), []);
  await page.goBack();
  await page.waitForURL("**/log-in");
  await tab.reload();
  await tab.waitForURL("**/log-in");
});

test("many requests at once after the token has expired get the same next session", { skip }, async () => {
  const ann = await person(url);
  const all = await Promise.all(Array.from({ length: 8 }, async () => {
    const one = new Browser(url, { ...ann.cookies });
    const { status, text } = await one.ask("/private");
    return [status, text.includes(`Only ${ann.name} sees this.`), one.cookies.authgraph];
  }));
  for (const [status, shown, session] of all) assert.deepEqual([status, shown, session], [200, true, all[0][2]]);
  assert.notEqual(all[0][2], ann.cookies.authgraph);
});

test("an answer that is lost is made good soon, and ends the session later", { skip }, async () => {
  const ann = await person(url);
  assert.equal((await ann.ask("/private", { lost: true })).status, 200);
  assert.equal((await ann.ask("/private", { lost: true })).status, 200);
  await pause(grace + 500);
  const { status, headers } = await ann.ask("/private");
  assert.deepEqual([status, headers.get("Location")], [307, "/log-in"]);
  assert.equal(ann.cookies.authgraph, undefined);
});

test("the app's cookie is nothing without the session that it was made for", { skip }, async () => {
  const [ann, bob] = [await person(url), await person(url)];
  await ann.ask("/private");
  await bob.ask("/private");
  const mixed = new Browser(url, { authgraph: ann.cookies.authgraph, access: bob.cookies.access });
  assert.match((await mixed.ask("/")).text, new RegExp(`logged in as ${ann.name}`));
  const alone = new Browser(url, { access: bob.cookies.access });
  assert.match((await alone.ask("/")).text, /You are not logged in/);
  assert.deepEqual(alone.cookies, {});
});

test("a session that ends elsewhere ends here, while the app's cookie is young", { skip }, async () => {
  const ann = await person(url);
  assert.equal((await ann.ask("/private")).status, 200);
  const elsewhere = new Browser(server, { authgraph: ann.cookies.authgraph });
  await elsewhere.mutate("mutation { logout { errors { code } } }");
  assert.equal((await ann.ask("/private")).status, 307);
  await pause(expired);
  assert.equal((await ann.ask("/private")).status, 307);
  assert.deepEqual([ann.cookies.authgraph, ann.cookies.access], [undefined, undefined]);
});

test("only the app's own pages log out", { skip }, async () => {
  const ann = await person(url);
  for (const headers of [{}, { Origin: "https://evil.test" }, { Origin: "null" }, { Origin: server }]) {
    assert.equal((await ann.ask("/log-out", { method: "POST", headers })).status, 403);
  }
  assert.equal((await ann.ask("/log-out")).status, 405);
  assert.equal((await ann.ask("/private")).status, 200);
  const { status, headers } = await ann.ask("/log-out", { method: "POST", headers: { Origin: url } });
  assert.deepEqual([status, headers.get("Location"), ann.cookies.authgraph, ann.cookies.access], [303, "/", undefined, undefined]);
});

test("what is rendered for a person is in no cache, and the session has the person's address", { skip }, async () => {
  const ann = await person(url);
  const { headers } = await ann.ask("/private", { headers: { "X-Forwarded-For": "203.0.113.7" } });
  assert.match(headers.get("Cache-Control"), /no-store/);
  const response = await fetch(`${server}/graphql`, {
    method: "POST", headers: { "Content-Type": "application/json", Authorization: `Bearer ${ann.bearer}` }, body: JSON.stringify({ query: "{ me { sessions { ipAddress } } }" }),
  });
  assert.deepEqual((await response.json()).data.me.sessions, [{ ipAddress: "203.0.113.7" }]);
});

test("nobody is logged out while authgraph is away", { skip }, async () => {
  const ann = new Browser(await alone(), (await person(url)).cookies);
  const before = { ...ann.cookies };
  assert.equal((await ann.ask("/private")).status, 503);
  assert.equal((await ann.ask("/log-out", { method: "POST", headers: { Origin: ann.url } })).status, 503);
  assert.deepEqual(ann.cookies, before);
});
