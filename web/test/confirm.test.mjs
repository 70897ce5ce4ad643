// The page that proves an address, in a real browser and against the real server.
import assert from "node:assert/strict";
import { test } from "node:test";
import { account, ask, letter, login, newAddress, password, sessions, signUp } from "./api.mjs";
import { answers, assertAccessible, base, elsewhere, nothing, open, pathOf, refuses, stored } from "./browser.mjs";

const heading = (page, name) => page.getByRole("heading", { name, exact: true }).waitFor();
const button = (page, name) => page.getByRole("button", { name, exact: true });
const field = (page, name) => page.getByLabel(name, { exact: true });
const newPassword = "eight louder lighthouses";
const confirmed = "Your address is confirmed";

// here runs a mutation as an app on this origin does, with cookies.
const here = (page, query, input, bearer) => page.evaluate(async ([q, i, b]) => {
  const response = await fetch("/graphql", {
    method: "POST", credentials: "same-origin",
    headers: { "Content-Type": "application/json", ...(b && { Authorization: `Bearer ${b}` }) },
    body: JSON.stringify({ query: q, variables: { input: i } }),
  });
  return Object.values((await response.json()).data)[0];
}, [query, input, bearer]);

const cookies = async (page) => (await page.context().cookies()).map((c) => c.name.replace("__Host-", "")).sort();

test("one press confirms in the browser that signed up, and logs in there", async (t) => {
  const email = newAddress();
  const page = await open(t, "/reset");
  const { status } = await here(page, "mutation ($input: SignUpInput!) { signUp(input: $input) { status } }",
    { email, password, session: { delivery: "COOKIE" } });
  assert.equal(status, "CONFIRMATION_SENT");
  assert.deepEqual(await cookies(page), ["authgraph-confirm"]);
  const { link } = await letter("confirm", email);
  await page.goto(base + pathOf(link));
  await page.getByText(`Did you ask to use ${email} here`).waitFor();
  await page.keyboard.press("Enter"); // the button has the focus
  await heading(page, confirmed);
  await page.getByText(`You are logged in as ${email}`).waitFor();
  assert.ok(!(await cookies(page)).includes("authgraph-confirm"));
  const { auth } = await here(page, "mutation { refresh { auth { accessToken } } }");
  assert.equal((await sessions(auth.accessToken)).length, 1);
  assert.equal((await login(email, password)).status, "LOGGED_IN");
});

test("in another browser the sign-up's password confirms, and no session is left", async (t) => {
  const { email, link } = await signUp();
  for (let i = 0; i < 10; i++) {
    for (const method of ["GET", "HEAD"]) assert.equal((await fetch(link, { method })).status, 200);
  }
  const page = await open(t, pathOf(link));
  await page.reload();
  await heading(page, "Open the link in the e-mail");
  await page.goto(base + pathOf(link));
  await button(page, "Confirm").click();
  await heading(page, "One more step");
  await button(page, "Confirm").click();
  await page.getByText("Please fill this in.").waitFor();
  await page.keyboard.type("not the password");
  await page.keyboard.press("Enter");
  await page.getByText("The password is wrong.").waitFor();
  assert.equal(await field(page, "Password").getAttribute("aria-invalid"), "true");
  await button(page, "Show password").click();
  assert.equal(await field(page, "Password").getAttribute("type"), "text");
  await field(page, "Password").fill(password);
  await page.keyboard.press("Enter");
  await heading(page, confirmed);
  await page.getByText(`log in as ${email}`).waitFor();
  await assertAccessible(page);
  assert.deepEqual(await stored(page), nothing);
  const { status, auth } = await login(email, password);
  assert.equal(status, "LOGGED_IN");
  assert.equal((await sessions(auth.accessToken)).length, 1);

  await page.goto(base + pathOf(link));
  await button(page, "Confirm").click();
  await heading(page, "This link is no longer valid");
  await heading(page, "Has it worked already?");
  await assertAccessible(page);
});

test("in another browser a new password confirms, and the first one is forgotten", async (t) => {
  const { email, link } = await signUp();
  const page = await open(t, pathOf(link));
  await button(page, "Confirm").click();
  await page.getByText(`for your new account ${email}`).waitFor();
  await button(page, "Confirm").click();
  await page.getByText("Please fill this in.").waitFor();
  await field(page, "New password").fill("short");
  await page.keyboard.press("Enter");
  await page.getByText("The password is too short").waitFor();
  assert.equal(await page.locator(".field-error:visible").count(), 1, "only the last press counts");
  await field(page, "New password").fill("password1234");
  await page.keyboard.press("Enter");
  await page.getByText("among those that attackers try first").waitFor();
  await field(page, "New password").fill(newPassword);
  await page.keyboard.press("Enter");
  await heading(page, confirmed);
  await page.getByText(`log in as ${email}`).waitFor();
  assert.deepEqual(await stored(page), nothing);
  assert.equal((await login(email, password)).status, "REFUSED");
  assert.equal((await sessions((await login(email, newPassword)).auth.accessToken)).length, 1);
});

test("a stranger's link gets nobody to choose a password for an address that is not shown", async (t) => {
  const { email, link, token } = await signUp();
  for (const fragment of [`#token=${token}`, `#token=${token}&email=`, `#token=${token}&email=Call%20us%20at%20555`]) {
    const page = await open(t, `/confirm${fragment}`);
    await button(page, "Confirm").click();
    await field(page, "Password").waitFor();
    assert.equal(await field(page, "New password").isVisible(), false, fragment);
    assert.doesNotMatch(await page.locator("main").innerText(), /555|undefined/);
  }
  const page = await open(t, pathOf(link).replace(encodeURIComponent(email), "victim%40example.org"));
  await button(page, "Confirm").click();
  await heading(page, "This link is no longer valid");
  await page.goto(base + pathOf(link)); // nothing was used up
  await button(page, "Confirm").click();
  await field(page, "Password").fill(password);
  await page.keyboard.press("Enter");
  await heading(page, confirmed);
});

async function changing() {
  const email = await account();
  const next = newAddress();
  const { auth } = await login(email, password);
  await ask("mutation ($input: UpdateAccountInput!) { updateAccount(input: $input) { errors { code } } }",
    { currentPassword: password, email: next }, auth.accessToken);
  return { email, next, bearer: auth.accessToken, ...(await letter("change_email", next)) };
}

const logIn = (page, email) => here(page, "mutation ($input: LoginInput!) { login(input: $input) { status auth { session { id } } } }",
  { email, password, session: { delivery: "COOKIE" } });

test("a new address is confirmed with the account's password, and with no new one", async (t) => {
  const { next, bearer, link } = await changing();
  const page = await open(t, pathOf(link));
  await button(page, "Confirm").click();
  await field(page, "New password").fill(newPassword);
  await page.keyboard.press("Enter");
  await page.getByText("This link changes the address of an account").waitFor();
  assert.equal(await field(page, "New password").isVisible(), false);
  await assertAccessible(page);
  await field(page, "Password").fill(password);
  await page.keyboard.press("Enter");
  await heading(page, confirmed);
  await page.getByText(`log in as ${next}`).waitFor();
  assert.equal((await sessions(bearer)).length, 1, "the session that asked goes on, and no other");
});

test("one press confirms a new address where the account is logged in, and the session goes on", async (t) => {
  const { email, next, link } = await changing();
  const page = await open(t, "/reset");
  const before = await logIn(page, email);
  await page.goto(base + pathOf(link));
  await button(page, "Confirm").click();
  await heading(page, confirmed);
  await page.getByText(`You are logged in as ${next}`).waitFor();
  const { auth } = await here(page, "mutation { refresh { auth { accessToken session { id } } } }");
  assert.equal(auth.session.id, before.auth.session.id);
});

test("the session of another account confirms nothing", async (t) => {
  const { link } = await changing();
  const page = await open(t, "/reset");
  assert.equal((await logIn(page, await account())).status, "LOGGED_IN");
  await page.goto(base + pathOf(link));
  await button(page, "Confirm").click();
  await field(page, "Password").waitFor();
});

test("an account without a password is told to log in first", async (t) => {
  const page = await open(t, "/confirm#token=abc&email=ann%40example.org", {
    before: answers((route) => route.fulfill({ json: route.request().postData().includes("RefreshSession")
      ? refuses("refresh", { code: "INVALID_TOKEN" }) : { data: null, errors: [{ message: "m", extensions: { code: "UNAUTHENTICATED", reason: "MISSING" } }] } })),
  });
  await button(page, "Confirm").click();
  await heading(page, "Please log in first");
  await assertAccessible(page);
});

test("a second link in the same tab replaces the first", async (t) => {
  const page = await open(t, "/confirm#token=first&email=ann%40example.org", { before: elsewhere(refuses("confirm", { code: "INVALID_CREDENTIALS" })) });
  await button(page, "Confirm").click();
  await field(page, "Password").fill("x");
  await page.evaluate(() => { location.hash = "#token=second&email=bob%40example.org"; });
  await page.getByText("Did you ask to use bob@example.org").waitFor();
  assert.equal(await page.evaluate(() => location.hash), "");
  const asked = page.waitForRequest("**/graphql");
  await page.keyboard.press("Enter");
  const { input } = JSON.parse((await asked).postData()).variables;
  assert.deepEqual([input.token, input.email, input.password], ["second", "bob@example.org", undefined]);
  await heading(page, "One more step");
  assert.equal(await field(page, "Password").inputValue(), "");
});

test("the button works once at a time", async (t) => {
  let asked = 0;
  const page = await open(t, "/confirm#token=abc", {
    before: elsewhere(async (route) => {
      asked += 1;
      await new Promise((resolve) => { setTimeout(resolve, 300); });
      await route.fulfill({ json: refuses("confirm", { code: "INVALID_CREDENTIALS" }) });
    }),
  });
  await button(page, "Confirm").click();
  await field(page, "Password").fill("x");
  for (let i = 0; i < 5; i++) await page.keyboard.press("Enter");
  await page.getByText("The password is wrong.").waitFor();
  assert.equal(asked, 1);
});

test("a lost logout does not hide that the address is confirmed", async (t) => {
  const page = await open(t, "/confirm#token=abc", {
    before: elsewhere((route) => (route.request().postData().includes("logout") ? route.abort()
      : route.fulfill({ json: { data: { confirm: { auth: { refreshToken: "agr_x", user: { email: null, username: "ann" } }, errors: [] } } } }))),
  });
  await button(page, "Confirm").click();
  await field(page, "Password").fill("x");
  await page.keyboard.press("Enter");
  await page.getByText("log in as ann").waitFor();
});
