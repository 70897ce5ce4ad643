// The pages that letters link to, in a real browser.
import assert from "node:assert/strict";
import { test } from "node:test";
import { account, ask, letter, login, newAddress, password, requestReset, sessions, signUp } from "./api.mjs";
import { assertAccessible, base, looks, nothing, open, stored } from "./browser.mjs";

const pathOf = (link) => link.slice(new URL(link).origin.length);
const heading = (page, name) => page.getByRole("heading", { name }).waitFor();
const newPassword = "eight louder lighthouses";

// answers has the endpoint answer with a field's payload, or with whatever else.
const answers = (reply) => (page) => page.route("**/graphql", (route) => (
  typeof reply === "function" ? reply(route) : route.fulfill({ json: reply })));
const refuses = (field, ...errors) => ({ data: { [field]: { auth: null, errors: errors.map((e) => ({ message: "m", field: null, ...e })) } } });
const fails = (extensions) => ({ errors: [{ message: "m", extensions }], data: null });

for (const path of ["/confirm", "/reset"]) {
  for (const look of looks) {
    test(`${path} can be used, ${look.name}`, async (t) => {
      const page = await open(t, `${path}#token=abc`, { ...look, before: answers(fails({ code: "RATE_LIMITED", retryAfter: 40 })) });
      await assertAccessible(page);
      await page.locator("input:focus").fill(password);
      await page.keyboard.press("Enter");
      await page.getByText("in 40 seconds").waitFor();
      await assertAccessible(page);
    });

    test(`${path} without a token says so, ${look.name}`, async (t) => {
      const page = await open(t, path, look);
      await page.getByText("holds no token").waitFor();
      await assertAccessible(page);
    });
  }

  test(`${path} takes the token out of the address and sends it once`, async (t) => {
    const sent = [];
    const page = await open(t, "/pages/style.css", { before: answers(fails({ code: "OVERLOADED", retryAfter: 3 })) });
    page.on("request", (r) => sent.push(`${r.method()} ${r.url()} ${JSON.stringify(r.headers())} ${r.postData() ?? ""}`));
    await page.goto(`${base}${path}#token=c2VjcmV0`);
    assert.equal(page.url(), base + path);
    await page.locator("input:focus").fill(password);
    await page.getByRole("button", { name: /^(Confirm|Set password)$/ }).click();
    await page.getByText("The server is busy. Please try again in 3 seconds.").waitFor();
    assert.deepEqual(sent.filter((s) => s.includes("c2VjcmV0")).map((s) => s.split(" ", 2).join(" ")), [`POST ${base}/graphql`]);
    await page.goBack();
    assert.doesNotMatch(page.url(), /c2VjcmV0/);
    await page.goForward();
    assert.doesNotMatch(page.url(), /c2VjcmV0/);
    assert.deepEqual(await stored(page), nothing);
  });

  test(`${path} without JavaScript says so and sends nothing`, async (t) => {
    const page = await open(t, `${path}#token=abc`, { scripts: false });
    await page.locator("noscript p").waitFor(); // visible, that is
    assert.equal(await page.locator("form:visible").count(), 0);
  });

  test(`${path} puts every refusal into words`, async (t) => {
    let reply;
    const page = await open(t, `${path}#token=abc`, { before: answers((route) => (reply ? route.fulfill(reply) : route.abort())) });
    const say = async (r) => {
      reply = r;
      await page.locator("form:visible .field input").fill(password);
      await page.getByRole("button", { name: /^(Confirm|Set password)$/ }).click();
      await page.locator("form:visible button[type=submit]:not([aria-disabled])").waitFor();
      return page.locator("form:visible [data-error]").innerText();
    };
    const json = (body) => ({ json: body });
    assert.match(await say(null), /could not be reached/);
    assert.match(await say(json(fails({ code: "RATE_LIMITED", retryAfter: 1 }))), /in a second\.$/);
    assert.match(await say(json(fails({ code: "RATE_LIMITED", retryAfter: 300 }))), /in 5 minutes\.$/);
    assert.match(await say(json(fails({ code: "RATE_LIMITED", retryAfter: 8000 }))), /in 3 hours\.$/);
    assert.match(await say(json(fails({ code: "OVERLOADED" }))), /busy.*in a moment\.$/);
    assert.match(await say(json(fails({ code: "INTERNAL_SERVER_ERROR", requestId: "r-17" }))), /our side.*r-17/);
    assert.match(await say(json(fails({ code: "BAD_USER_INPUT" }))), /characters/);
    assert.match(await say(json(fails({ code: "SOMETHING_NEW" }))), /our side/);
    assert.match(await say({ status: 502, body: "<h1>Bad gateway</h1>" }), /our side/);
    assert.match(await say({ status: 429, headers: { "Retry-After": "7" }, body: "slow down" }), /in 7 seconds/);
    assert.match(await say({ status: 503, body: "" }), /busy/);
    const field = path === "/confirm" ? "confirm" : "resetPassword";
    for (const code of ["DISABLED", "TAKEN", "TOO_LONG", "LIMIT_REACHED", "INVALID", "REQUIRED", "NOT_FOUND", "INVALID_SCOPE"]) {
      const words = await say(json(refuses(field, { code })));
      assert.ok(words.length > 10 && !words.includes(code), `${code}: ${words}`);
    }
    assert.equal(await say(json(refuses(field, { code: "BRAND_NEW", message: "What the server says." }))), "What the server says.");
  });
}

test("opening a link consumes nothing; confirming leaves no session behind", async (t) => {
  const { email, link } = await signUp();
  for (let i = 0; i < 10; i++) {
    for (const method of ["GET", "HEAD"]) assert.equal((await fetch(link, { method })).status, 200);
  }
  const page = await open(t, pathOf(link));
  await page.reload();
  await heading(page, "Open the link in the letter");
  await page.goto(base + pathOf(link));
  await page.getByRole("button", { name: "Confirm" }).click();
  await page.getByText("Please fill this in.").waitFor();
  await page.keyboard.type("not the password");
  await page.keyboard.press("Enter");
  await page.getByText("The password is wrong.").waitFor();
  assert.equal(await page.getByLabel("Password", { exact: true }).getAttribute("aria-invalid"), "true");
  await page.getByRole("button", { name: "Show password" }).click();
  assert.equal(await page.getByLabel("Password", { exact: true }).getAttribute("type"), "text");
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.keyboard.press("Enter");
  await heading(page, "Your address is confirmed");
  await page.getByText(`log in as ${email}`).waitFor();
  await assertAccessible(page);
  assert.deepEqual(await stored(page), nothing);

  const { status, auth } = await login(email, password);
  assert.equal(status, "LOGGED_IN");
  assert.equal((await sessions(auth.accessToken)).length, 1);

  await page.goto(base + pathOf(link));
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.keyboard.press("Enter");
  await heading(page, "This link is not good any more");
  await assertAccessible(page);
});

// lost sends the first request to the server, and loses its answer.
const lost = async (route) => {
  await route.fetch();
  await route.abort();
};

// losesOne has the answer to the first mutation of that name lost.
const losesOne = (name) => async (page) => {
  let left = 1;
  await page.route("**/graphql", (route) => (
    route.request().postData().includes(`mutation ${name}(`) && left-- > 0 ? lost(route) : route.continue()));
};

for (const look of looks) {
  test(`a confirmation whose answer was lost ends in a login, ${look.name}`, async (t) => {
    const { email, link } = await signUp();
    const page = await open(t, pathOf(link), { ...look, before: losesOne("Confirm") });
    await page.getByLabel("Password", { exact: true }).fill(password);
    await page.keyboard.press("Enter");
    await page.getByText("could not be reached").waitFor();
    await page.getByRole("button", { name: "Confirm" }).click();
    await heading(page, "This link is not good any more");
    await heading(page, "Has it worked already?");
    await assertAccessible(page);
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByText("Please fill this in.").waitFor();
    await page.getByLabel("Your e-mail address").fill("nobody@example.org");
    await page.keyboard.press("Enter");
    await page.getByText("The address or the password is wrong.").waitFor();
    await assertAccessible(page);
    await page.getByLabel("Your e-mail address").fill(email);
    await page.keyboard.press("Enter"); // with the password that was typed before
    await heading(page, "It has worked");
    await page.getByText(`log in as ${email}`).waitFor();
    await assertAccessible(page);
    // The lost answer began a session that nobody can end; the page's own login leaves none.
    const names = (await sessions((await login(email, password)).auth.accessToken)).map((s) => s.deviceName);
    assert.deepEqual(names.sort(), ["Confirmation page", null]);
  });
}

test("a new password whose answer was lost ends in a login", async (t) => {
  const email = await account();
  const { link } = await requestReset(email);
  const page = await open(t, pathOf(link), { before: losesOne("ResetPassword") });
  await page.getByLabel("New password", { exact: true }).fill(newPassword);
  await page.keyboard.press("Enter");
  await page.getByText("could not be reached").waitFor();
  await page.getByRole("button", { name: "Set password" }).click();
  await heading(page, "Ask for a new letter");
  await heading(page, "Has it worked already?");
  await assertAccessible(page);
  await page.getByLabel("Your e-mail address").fill(email);
  await page.keyboard.press("Enter");
  await heading(page, "It has worked");
  await page.getByText(`log in as ${email}`).waitFor();
});

test("a page without a token offers no login", async (t) => {
  for (const path of ["/confirm", "/reset"]) {
    const page = await open(t, path);
    await page.getByText("holds no token").waitFor();
    assert.equal(await page.locator("#login:visible").count(), 0);
  }
});

test("a new address is confirmed with the account's password", async (t) => {
  const email = await account();
  const next = newAddress();
  const { auth } = await login(email, password);
  await ask("mutation ($input: UpdateAccountInput!) { updateAccount(input: $input) { errors { code } } }",
    { currentPassword: password, email: next }, auth.accessToken);
  const page = await open(t, pathOf((await letter("change_email", next)).link));
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.keyboard.press("Enter");
  await heading(page, "Your address is confirmed");
  await page.getByText(`log in as ${next}`).waitFor();
  assert.equal((await sessions(auth.accessToken)).length, 1, "the session that asked goes on, and no other");
});

test("a second link in the same tab replaces the first", async (t) => {
  const page = await open(t, "/confirm#token=first", { before: answers(refuses("confirm", { code: "INVALID_CREDENTIALS" })) });
  await page.evaluate(() => { location.hash = "#token=second"; });
  await page.waitForFunction(() => location.hash === "");
  await page.getByLabel("Password", { exact: true }).fill("x");
  const asked = page.waitForRequest("**/graphql");
  await page.keyboard.press("Enter");
  assert.equal(JSON.parse((await asked).postData()).variables.input.token, "second");
});

test("the button works once at a time", async (t) => {
  let asked = 0;
  const page = await open(t, "/confirm#token=abc", {
    before: answers(async (route) => {
      asked += 1;
      await new Promise((resolve) => { setTimeout(resolve, 300); });
      await route.fulfill({ json: refuses("confirm", { code: "INVALID_CREDENTIALS" }) });
    }),
  });
  await page.getByLabel("Password", { exact: true }).fill("x");
  for (let i = 0; i < 5; i++) await page.keyboard.press("Enter");
  await page.getByText("The password is wrong.").waitFor();
  assert.equal(asked, 1);
});

test("a lost logout does not hide that the address is confirmed", async (t) => {
  const page = await open(t, "/confirm#token=abc", {
    before: answers((route) => (route.request().postData().includes("logout") ? route.abort()
      : route.fulfill({ json: { data: { confirm: { auth: { refreshToken: "agr_x", user: { email: null, username: "ann" } }, errors: [] } } } }))),
  });
  await page.getByLabel("Password", { exact: true }).fill("x");
  await page.keyboard.press("Enter");
  await page.getByText("log in as ann").waitFor();
});

test("a password is set with the link, once, and leaves no session behind", async (t) => {
  const email = await account();
  const { link, id } = await requestReset(email);
  const page = await open(t, pathOf(link));
  const field = page.getByLabel("New password", { exact: true });
  await page.getByRole("button", { name: "Set password" }).click();
  await page.getByText("Please fill this in.").waitFor();
  await field.fill("short");
  await page.keyboard.press("Enter");
  await page.getByText("The password is too short: use at least").waitFor();
  await field.fill("password1234");
  await page.keyboard.press("Enter");
  await page.getByText("among those that attackers try first").waitFor();
  await field.fill(newPassword);
  await page.keyboard.press("Enter");
  await heading(page, "Your password is changed");
  await page.getByText(`log in as ${email}`).waitFor();
  await assertAccessible(page);
  assert.deepEqual(await stored(page), nothing);
  assert.equal((await login(email, password)).status, "REFUSED");
  assert.equal((await sessions((await login(email, newPassword)).auth.accessToken)).length, 1);

  await page.goto(base + pathOf(link));
  await field.fill(password);
  await page.keyboard.press("Enter");
  await heading(page, "Ask for a new letter");
  await page.getByText("it has been used").waitFor();
  await assertAccessible(page);
  await page.keyboard.press("Enter");
  await page.getByText("Please fill this in.").waitFor();
  await page.keyboard.type(email);
  await page.keyboard.press("Enter");
  await heading(page, "Look at your mail");
  await assertAccessible(page);
  assert.ok((await letter("reset_password", email, id)).token);
});
