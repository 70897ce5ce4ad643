// The pages that letters link to, in a real browser.
import assert from "node:assert/strict";
import { test } from "node:test";
import { account, letter, login, password, requestReset, sessions } from "./api.mjs";
import { answers, assertAccessible, base, elsewhere, fails, looks, nothing, open, pathOf, refuses, stored } from "./browser.mjs";

const heading = (page, name) => page.getByRole("heading", { name }).waitFor();
const newPassword = "eight louder lighthouses";

// typing returns the field for the password once the page shows it, which the
// page about an address does after its first press.
async function typing(page, path) {
  if (path === "/confirm") await page.getByRole("button", { name: "Confirm", exact: true }).click();
  return page.locator("input:focus");
}

for (const path of ["/confirm", "/reset"]) {
  for (const look of looks) {
    test(`${path} can be used, ${look.name}`, async (t) => {
      const page = await open(t, `${path}#token=abc&email=ann%40example.org`, { ...look, before: elsewhere(fails({ code: "RATE_LIMITED", retryAfter: 40 })) });
      await assertAccessible(page);
      const field = await typing(page, path);
      await field.fill(password);
      await assertAccessible(page);
      await page.keyboard.press("Enter");
      await page.getByText("in 40 seconds").waitFor();
      await assertAccessible(page);
    });

    test(`${path} without a token says so, ${look.name}`, async (t) => {
      const page = await open(t, path, look);
      await page.getByText("reload this page?").waitFor();
      await assertAccessible(page);
    });
  }

  test(`${path} takes the token out of the address and sends it in bodies only`, async (t) => {
    const sent = [];
    const page = await open(t, "/pages/style.css", { before: elsewhere(fails({ code: "OVERLOADED", retryAfter: 3 })) });
    page.on("request", (r) => sent.push(`${r.method()} ${r.url()} ${JSON.stringify(r.headers())} ${r.postData() ?? ""}`));
    await page.goto(`${base}${path}#token=c2VjcmV0`);
    assert.equal(page.url(), base + path);
    const field = await typing(page, path);
    await field.fill(password);
    await page.keyboard.press("Enter");
    await page.getByText("The server is busy. Please try again in 3 seconds.").waitFor();
    const wanted = { "/reset": 1, "/confirm": 2 }[path]; // the first press without a password
    assert.deepEqual(sent.filter((s) => s.includes("c2VjcmV0")).map((s) => s.split(" ", 2).join(" ")), Array(wanted).fill(`POST ${base}/graphql`));
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
    const page = await open(t, `${path}#token=abc`, { before: elsewhere((route) => (reply ? route.fulfill(reply) : route.abort())) });
    await (await typing(page, path)).waitFor();
    const say = async (r) => {
      reply = r;
      await page.locator("form:visible .field input").fill(password);
      await page.locator("form:visible button[type=submit]").click();
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
    for (const code of ["DISABLED", "TAKEN", "TOO_LONG", "LIMIT_REACHED", "INVALID", "REQUIRED", "NOT_FOUND", "NOT_OFFERED", "INVALID_SCOPE"]) {
      const words = await say(json(refuses(field, { code })));
      assert.ok(words.length > 10 && !words.includes(code), `${code}: ${words}`);
    }
    assert.equal(await say(json(refuses(field, { code: "BRAND_NEW", message: "What the server says." }))), "What the server says.");
  });
}

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
  await heading(page, "Ask for a new link");
  await page.getByText("it has been used").waitFor();
  await assertAccessible(page);
  await page.keyboard.press("Enter");
  await page.getByText("Please fill this in.").waitFor();
  await page.keyboard.type(email);
  await page.keyboard.press("Enter");
  await heading(page, "Check your e-mail");
  await page.getByText(`the address ${email}`).waitFor();
  await assertAccessible(page);
  assert.ok((await letter("reset_password", email, id)).token);
});
