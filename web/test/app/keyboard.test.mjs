// The example with a keyboard alone, and in windows as small as a zoom makes them.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { assertAccessible } from "../browser.mjs";
import { code } from "../totp.mjs";
import { app, button, field, heading, logIn, newAddress, password, section, skip } from "./app.mjs";

// 200 % of a window of 1280, and 400 % (WCAG 1.4.10).
const zooms = [{ width: 640, height: 360 }, { width: 320, height: 256 }];
const long = `${"long".repeat(16)}@${"host".repeat(12)}.example.org`;

// focused says what has the focus, once it does.
const focused = (page, what) => page.waitForFunction(([tag, text]) => {
  const { activeElement: e } = document;
  return e.matches(tag) && (e.textContent.includes(text) || e.name === text);
}, what);

// tabTo presses Tab until something has the focus, and sees on the way that it is shown.
async function tabTo(page, locator) {
  for (let i = 0; i < 80; i++) {
    await page.keyboard.press("Tab");
    const hidden = await page.evaluate(() => {
      const e = document.activeElement;
      const ring = (e.closest(".box") && e.matches("input") ? e.closest(".box") : e);
      return e === document.body || e.tabIndex > 0 || getComputedStyle(ring).outlineStyle === "none" ? e.outerHTML.slice(0, 200) : "";
    });
    assert.ok(hidden === "" || hidden.startsWith("<body"), `the focus cannot be seen: ${hidden}`);
    if (await locator.evaluate((e) => e === document.activeElement)) return;
  }
  assert.fail("Tab does not lead there");
}

describe("a keyboard", { skip }, async () => {
  const it = await app("urql");

  test("from sign-up to a second factor and its end", async (t) => {
    const page = await it.open(t, "/log-in");
    await focused(page, ["h1", "Log in"]);
    await tabTo(page, page.getByRole("link", { name: "Sign up" }));
    await page.keyboard.press("Enter");
    await focused(page, ["h1", "Sign up"]);
    const email = newAddress();
    await tabTo(page, page.getByLabel("E-mail address"));
    await page.keyboard.type(email);
    await page.keyboard.press("Tab");
    await page.keyboard.type("short");
    await page.keyboard.press("Enter");
    await focused(page, ["input", "password"]); // the field that is wrong
    await field(page, "Password").fill(password);
    await page.keyboard.press("Enter");
    await focused(page, ["h1", "Check your e-mail"]);
    await page.goto(it.url + (await it.mail("confirm", email)).path);
    await focused(page, ["h1", "Confirm your e-mail address"]);
    await tabTo(page, button(page, "Confirm"));
    await page.keyboard.press("Enter");
    await focused(page, ["h1", "Your account"]);

    const factors = section(page, "Passkeys and second factor");
    await tabTo(page, button(factors, "Add an authenticator app"));
    await page.keyboard.press("Space");
    await focused(page, ["h3", "Add an authenticator app"]);
    const secret = (await factors.locator("code").first().textContent()).replaceAll(" ", "");
    await tabTo(page, field(factors, "The code that the app shows now"));
    await page.keyboard.type(code(secret));
    await page.keyboard.press("Enter");
    await focused(page, ["h3", "Your recovery codes"]);
    const codes = await factors.locator(".codes code").allTextContents();
    await tabTo(page, button(factors, "I have kept them"));
    await page.keyboard.press("Enter");
    await focused(page, ["h2", "Passkeys and second factor"]);

    await page.context().clearCookies();
    await page.goto(`${it.url}/log-in`);
    await logIn(page, email, `${password} `).catch(() => {});
    await focused(page, ["p", "This is wrong."]);
    await field(page, "Password").fill(password);
    await page.keyboard.press("Enter");
    await focused(page, ["input", "code"]);
    await page.keyboard.type(codes[0]);
    await page.keyboard.press("Enter");
    await focused(page, ["h1", "Your account"]);
    await tabTo(page, button(factors, "Remove: Authenticator app"));
    await page.keyboard.press("Enter");
    await focused(page, ["h2", "Passkeys and second factor"]);
  });

  test("Escape closes the question of presence, and the focus goes back", async (t) => {
    const { page } = await it.owner(t, { before: (one) => one.route("**/graphql", async (route) => {
      const asked = JSON.parse(route.request().postData() ?? "{}").operationName;
      if (asked !== "DeleteAccount") return route.continue();
      return route.fulfill({ json: { data: null, errors: [{ message: "m", extensions: { code: "REAUTHENTICATION_REQUIRED" } }] } });
    }) });
    await page.locator("summary", { hasText: "Delete the account" }).press("Enter");
    await tabTo(page, button(page, "Delete it for ever"));
    await page.keyboard.press("Enter");
    await focused(page, ["dialog input", "password"]);
    await assertAccessible(page);
    await page.keyboard.press("Escape");
    await focused(page, ["button", "Delete it for ever"]);
    assert.equal(await page.getByRole("dialog").count(), 0);
  });

  for (const zoom of zooms) {
    test(`nothing is cut in a window of ${zoom.width} by ${zoom.height}, whatever people are called`, async (t) => {
      const { page, bearer } = await it.owner(t, zoom);
      await it.ask("mutation ($input: UpdateAccountInput!) { updateAccount(input: $input) { errors { code } } }", { email: long, currentPassword: password }, bearer);
      await it.ask("mutation ($input: IssueApiTokenInput!) { issueApiToken(input: $input) { errors { code } } }", { name: "W".repeat(60), scopes: ["account:read"] }, bearer);
      await page.reload();
      await page.getByText(`e-mail to ${long}`).waitFor();
      await button(page, "Add an authenticator app").click();
      await page.getByAltText("QR code with the key").waitFor();
      for (const fold of await page.locator("summary").all()) await fold.click();
      await assertAccessible(page);
      const cut = await page.evaluate(() => [...document.querySelectorAll("main *")]
        .filter((e) => e.clientWidth && !e.matches(".unseen, input") && (e.scrollWidth > e.clientWidth + 1 || e.getBoundingClientRect().right > innerWidth))
        .map((e) => e.outerHTML.slice(0, 120)));
      assert.deepEqual(cut, []);
      await button(page, "Log out").click();
      await heading(page, "Log in").waitFor();
      await assertAccessible(page);
    });
  }
});
