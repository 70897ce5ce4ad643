// The pages for an account with a second factor, in a real browser.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ask, letter, login, newAddress, password, requestReset } from "./api.mjs";
import { assertAccessible, looks, nothing, open, pathOf, stored } from "./browser.mjs";
import { code, withApp } from "./totp.mjs";

const heading = (page, name) => page.getByRole("heading", { name, exact: true }).waitFor();
const field = (page) => page.getByLabel("Code of your authenticator app, or a recovery code", { exact: true });
const newPassword = "eight louder lighthouses";
const changed = "Your password is changed";

// begin goes as far as the mailbox leads.
async function begin(t, email, look = {}) {
  const { link } = await requestReset(email);
  const page = await open(t, pathOf(link), look);
  await page.getByLabel("New password", { exact: true }).fill(newPassword);
  await page.keyboard.press("Enter");
  await heading(page, "Enter a code");
  return { page, link };
}

const status = async (email, secret) => (await login(email, secret)).status;

test("a reset asks for the app's code, and changes nothing before it", async (t) => {
  const { email, secret } = await withApp();
  const { page } = await begin(t, email);
  assert.equal(await status(email, newPassword), "REFUSED");
  await page.keyboard.press("Enter");
  await page.getByText("Please fill this in.").waitFor();
  await field(page).fill("000 000");
  await page.keyboard.press("Enter");
  await page.getByText("This code is wrong").waitFor();
  assert.equal(await field(page).getAttribute("aria-invalid"), "true");
  assert.equal(await status(email, password), "SECOND_FACTOR_REQUIRED");
  await field(page).fill(code(secret, 1).replace(/^.../, "$& "));
  await page.keyboard.press("Enter");
  await heading(page, changed);
  await page.getByText(`log in as ${email}`).waitFor();
  assert.equal(await field(page).inputValue(), "");
  assert.deepEqual(await stored(page), nothing);
  assert.equal(await status(email, password), "REFUSED");
  assert.equal(await status(email, newPassword), "SECOND_FACTOR_REQUIRED");
});

test("a recovery code does as well, however it is typed", async (t) => {
  const { email, recoveryCodes } = await withApp();
  const { page } = await begin(t, email);
  await field(page).fill(` ${recoveryCodes[0].toLowerCase().replaceAll("-", " ")} `);
  await page.keyboard.press("Enter");
  await heading(page, changed);
  assert.equal(await status(email, newPassword), "SECOND_FACTOR_REQUIRED");
});

test("too many wrong codes lead back to the new password, and the link is still good", async (t) => {
  const { email, recoveryCodes } = await withApp();
  const { page } = await begin(t, email);
  for (let i = 0; i < 6; i++) {
    await field(page).fill(`0000-0000-0000-0000-0000-000${i}`);
    const answered = page.waitForResponse("**/graphql");
    await page.keyboard.press("Enter");
    await answered;
    if (i < 5) await page.getByText("This code is wrong").waitFor();
  }
  await page.getByText("too many wrong codes").waitFor();
  await assertAccessible(page);
  await page.getByLabel("New password", { exact: true }).fill(newPassword);
  await page.keyboard.press("Enter");
  await heading(page, "Enter a code");
  await field(page).fill(recoveryCodes[0]);
  await page.keyboard.press("Enter");
  await heading(page, changed);
});

for (const look of looks) {
  test(`the form for a code is fit to be used, ${look.name}`, async (t) => {
    const { email } = await withApp();
    const { page } = await begin(t, email, look);
    await assertAccessible(page);
    await field(page).fill("1");
    await page.keyboard.press("Enter");
    await page.getByText("This code is wrong").waitFor();
    await assertAccessible(page);
  });
}

test("a new address is confirmed by the password alone, and begins no session", async (t) => {
  const { email, bearer } = await withApp();
  const next = newAddress();
  await ask("mutation ($input: UpdateAccountInput!) { updateAccount(input: $input) { errors { code } } }",
    { currentPassword: password, email: next }, bearer);
  const { link } = await letter("change_email", next);
  const page = await open(t, pathOf(link));
  await page.getByRole("button", { name: "Confirm", exact: true }).click();
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.keyboard.press("Enter");
  await heading(page, "Your address is confirmed");
  await page.getByText("You can now log in").waitFor();
  assert.equal(await page.getByText("You are logged in").isVisible(), false);
  await assertAccessible(page);
  assert.deepEqual(await stored(page), nothing);
  assert.equal(await status(next, password), "SECOND_FACTOR_REQUIRED");
  assert.equal(await status(email, password), "REFUSED");
});
