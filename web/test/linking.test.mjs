// The page /signed-in where an account with the person's address exists already.
import assert from "node:assert/strict";
import { test } from "node:test";
import { account, ask, newAddress, password, requestReset, talkTo } from "./api.mjs";
import { assertAccessible, looks, open, pathOf } from "./browser.mjs";
import { owner } from "./passkey.mjs";
import { skip } from "./program.mjs";
import { bearer, go, heading, serve, somebody } from "./provider.mjs";
import { code, withApp } from "./totp.mjs";

const site = skip ? {} : await serve();
talkTo(site.at);
const { corp, club } = site;
const others = [corp?.origin, club?.origin];
const come = (t, options = {}) => open(t, "/signed-in", { at: site.at, others, ...options });
const me = async (page) => ask("{ me { id email identities { provider active } } }", undefined, await bearer(page, site.at));
const taken = "You have an account already";
const newPassword = "eight louder lighthouses";

// linked waits until the page says so, and looks whether it is.
async function linked(page, email, name = "Corp") {
  await page.getByText(`logged in as ${email}. From now on, ${name} opens this account, too.`).waitFor();
  const { identities } = await me(page);
  assert.ok(identities.some((one) => one.provider === name.toLowerCase() && one.active));
}

async function logIn(page, secret) {
  await page.getByLabel("Password", { exact: true }).fill(secret);
  await page.keyboard.press("Enter");
}

for (const look of looks) {
  test(`the password links, ${look.name}`, { skip }, async (t) => {
    const email = await account();
    const { who } = somebody(corp, { email });
    let page = await come(t, look);
    await go(page, "Corp", who);
    await heading(page, taken);
    await assertAccessible(page);
    assert.equal(await page.getByLabel("E-mail address").inputValue(), email);
    await logIn(page, "nine wrong lighthouses");
    await page.getByText("The password is wrong.").waitFor();
    await assertAccessible(page);
    await logIn(page, password);
    await linked(page, email);
    await assertAccessible(page);
    page = await come(t, look);
    await go(page, "Corp", who);
    await page.getByText(`logged in as ${email}.`).waitFor();
  });
}

test("the password and the app's code link", { skip }, async (t) => {
  const { email, secret } = await withApp();
  const { who } = somebody(corp, { email });
  const page = await come(t);
  await go(page, "Corp", who);
  await heading(page, taken);
  await logIn(page, password);
  await heading(page, "Enter a code");
  await page.getByLabel("Code of your").fill("000000");
  await page.keyboard.press("Enter");
  await page.getByText("This code is wrong").waitFor();
  await page.getByLabel("Code of your").fill(code(secret, 1));
  await page.keyboard.press("Enter");
  await linked(page, email);
});

test("a passkey that logs in links", { skip }, async (t) => {
  const { page, email, cdp, authenticatorId } = await owner(t, {}, false, { at: site.at, others });
  const { who } = somebody(corp, { email });
  await page.goto(`${site.at}/signed-in`);
  await go(page, "Corp", who);
  await heading(page, taken);
  await assertAccessible(page);
  const button = page.getByRole("button", { name: "Use your passkey" });
  const { credentials } = await cdp.send("WebAuthn.getCredentials", { authenticatorId });
  await cdp.send("WebAuthn.clearCredentials", { authenticatorId });
  await button.click();
  await page.getByText("No passkey was used.").waitFor();
  for (const credential of credentials) await cdp.send("WebAuthn.addCredential", { authenticatorId, credential });
  await button.click();
  await linked(page, email);
});

// signedUp is a person with an account by Corp, and no password.
async function signedUp(t) {
  const person = somebody(corp);
  const page = await come(t);
  await go(page, "Corp", person.who);
  await heading(page, "You are logged in");
  return { ...person, ...(await me(page)) };
}

test("an account without a password is linked by the provider that it has", { skip }, async (t) => {
  const { who, email, id } = await signedUp(t);
  const second = somebody(club, { email });
  const page = await come(t);
  await go(page, "Club", second.who);
  await heading(page, taken);
  await assertAccessible(page);
  assert.equal(await page.getByLabel("Password", { exact: true }).isVisible(), false);
  await go(page, "Corp", who);
  await linked(page, email, "Club");
  await assertAccessible(page);
  assert.equal((await me(page)).id, id);
});

test("nothing is linked with another account than that of the address", { skip }, async (t) => {
  const { email } = await signedUp(t);
  const second = somebody(club, { email });
  const stranger = somebody(corp);
  const page = await come(t);
  await go(page, "Club", second.who);
  await heading(page, taken);
  await go(page, "Corp", stranger.who);
  await page.getByText("Club was not linked with this account. It took too long, or you logged in to another account.").waitFor();
  await page.getByText(`logged in as ${stranger.email}`).waitFor();
  await assertAccessible(page);
  assert.deepEqual((await me(page)).identities, [{ provider: "corp", active: true }]);
  await page.getByRole("link", { name: "start again here" }).click();
  await heading(page, "Log in");
});

test("an offer that was not taken up links nothing later", { skip }, async (t) => {
  const { who, email } = await signedUp(t);
  const second = somebody(club, { email });
  const page = await come(t);
  await go(page, "Club", second.who);
  await heading(page, taken);
  await page.reload();
  await go(page, "Corp", who);
  await page.getByText(`logged in as ${email}.`).waitFor();
  assert.deepEqual((await me(page)).identities, [{ provider: "corp", active: true }]);
});

for (const look of looks) {
  test(`the mailbox is a way on, and its owner alone has the account then, ${look.name}`, { skip }, async (t) => {
    const { email } = await signedUp(t); // of whom nobody knows whether the mailbox is theirs
    const second = somebody(club, { email });
    let page = await come(t, look);
    await go(page, "Club", second.who);
    await heading(page, taken);
    await assertAccessible(page);
    await page.getByRole("link", { name: "Set a new password" }).click();
    await heading(page, "Forgot your password?");
    const { link } = await requestReset(email);
    page = await open(t, pathOf(link), { at: site.at });
    await page.getByLabel("New password", { exact: true }).fill(newPassword);
    await page.keyboard.press("Enter");
    await heading(page, "Your password is changed");
    page = await come(t, look);
    await go(page, "Club", second.who);
    await heading(page, taken);
    await logIn(page, newPassword);
    await linked(page, email, "Club");
    assert.deepEqual((await me(page)).identities, [{ provider: "club", active: true }]);
  });
}

test("where the provider does not vouch for the address, the person says which account it is", { skip }, async (t) => {
  const email = await account();
  const { who } = somebody(corp, { email });
  let page = await come(t);
  await go(page, "Corp", who);
  await logIn(page, password);
  await linked(page, email);
  const { link } = await requestReset(email); // takes the identity out of use
  page = await open(t, pathOf(link), { at: site.at });
  await page.getByLabel("New password", { exact: true }).fill(newPassword);
  await page.keyboard.press("Enter");
  await heading(page, "Your password is changed");
  corp.people.get(who).email_verified = false;
  page = await come(t);
  await go(page, "Corp", who);
  await heading(page, taken);
  await assertAccessible(page);
  assert.equal(await page.getByText(email).count(), 0);
  const name = page.getByLabel("E-mail address or username");
  await name.fill(newAddress());
  await logIn(page, newPassword);
  await page.getByText("The name or the password is wrong.").waitFor();
  await name.fill(email);
  await logIn(page, newPassword);
  await linked(page, email);
});
