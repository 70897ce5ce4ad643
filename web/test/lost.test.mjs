// A link that has done its work while the answer was lost, in a real browser.
import assert from "node:assert/strict";
import { test } from "node:test";
import { account, login, password, requestReset, sessions, signUp } from "./api.mjs";
import { assertAccessible, looks, open, pathOf } from "./browser.mjs";

const heading = (page, name) => page.getByRole("heading", { name }).waitFor();
const newPassword = "eight louder lighthouses";

// lost sends the first request to the server, and loses its answer.
const lost = async (route) => {
  await route.fetch();
  await route.abort();
};

// losesOne has the answer to the first mutation of that name with a password lost.
const losesOne = (name) => async (page) => {
  let left = 1;
  await page.route("**/graphql", (route) => (
    route.request().postData().match(new RegExp(`mutation ${name}\\(.*"(password|newPassword)":`)) && left-- > 0 ? lost(route) : route.continue()));
};

for (const look of looks) {
  test(`a confirmation whose answer was lost ends in a login, ${look.name}`, async (t) => {
    const { email, link } = await signUp();
    const page = await open(t, pathOf(link), { ...look, before: losesOne("Confirm") });
    await page.getByRole("button", { name: "Confirm" }).click();
    await page.getByLabel("Password", { exact: true }).fill(password);
    await page.keyboard.press("Enter");
    await page.getByText("could not be reached").waitFor();
    await page.getByRole("button", { name: "Confirm", exact: true }).click();
    await heading(page, "This link is no longer valid");
    await heading(page, "Has it worked already?");
    await assertAccessible(page);
    assert.equal(await page.getByLabel("Your e-mail address").inputValue(), email);
    await page.getByLabel("Your e-mail address").fill("");
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
  await heading(page, "Ask for a new link");
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
    await page.getByText("reload this page?").waitFor();
    assert.equal(await page.locator("#login:visible").count(), 0);
  }
});
