// Logins with a provider in the example, with both clients. The provider is certified, and of another site.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { assertAccessible, stored } from "../browser.mjs";
import { freePort } from "../program.mjs";
import { go as visit, providers, somebody } from "../provider.mjs";
import { code } from "../totp.mjs";
import { app, button, clients, field, heading, logIn, logOut, password, section, skip, unfold } from "./app.mjs";

const others = "Log in with others";

// site is the app with its server and the providers.
async function site(client, settings = {}) {
  const port = await freePort();
  const { corp, club, settings: named } = await providers(`http://localhost:${port}`);
  const it = await app(client, { LISTEN: `localhost:${port}`, ...named, ...settings });
  const open = (t, path = "/log-in") => it.open(t, path, { others: [it.server, corp.origin, club.origin] });
  // comer is a page in which a new person has logged in by Corp.
  const comer = async (t) => {
    const person = somebody(corp);
    const page = await open(t);
    await go(page, "Corp", person.who);
    await page.getByText(`Your address is ${person.email}.`).waitFor();
    return { ...person, page };
  };
  return { it, corp, club, open, comer };
}

// go leaves the page for a provider, which has forgotten who was there before.
async function go(page, ...where) {
  await page.context().clearCookies({ domain: "127.0.0.1" });
  await visit(page, ...where);
}

// alone waits until the windows that a page has opened are closed.
async function alone(page) {
  for (const end = Date.now() + 15_000; page.context().pages().length > 1 && Date.now() < end;) await page.waitForTimeout(50);
  assert.equal(page.context().pages().length, 1, "a window is still open");
}

// inWindow presses a button and answers the provider in the window that it opens.
async function inWindow(page, press, who, does = "Log in") {
  await page.context().clearCookies({ domain: "127.0.0.1" });
  const opened = page.waitForEvent("popup");
  await press();
  const popup = await opened;
  await popup.getByLabel("Name", { exact: true }).fill(who);
  await popup.getByRole("button", { name: does, exact: true }).click();
  await alone(page);
}

for (const client of clients) {
  describe(client, { skip }, async () => {
    const { it, corp, club, open, comer } = await site(client);

    test("a new person comes, is known the next time, and leaves nothing in the tab", async (t) => {
      const { page, who, email } = await comer(t);
      assert.equal(page.url(), `${it.url}/account`);
      await section(page, others).getByText("Corp", { exact: true }).waitFor();
      await assertAccessible(page);
      const kept = await stored(page);
      assert.deepEqual([kept.local, kept.session], [[], []]);
      for (const name of await page.evaluate(() => performance.getEntriesByType("resource").map((one) => one.name))) assert.ok(!name.includes("code="), name);
      await page.reload();
      await heading(page, "Your account").waitFor();
      await logOut(page);
      await page.goto(`${it.url}/sign-up`);
      await go(page, "Corp", who);
      await page.getByText(`Your address is ${email}.`).waitFor();
    });

    for (const [does, words] of Object.entries({ Cancel: "allow", Break: "answer" })) {
      test(`${does} at the provider is told, and another try works`, async (t) => {
        const { who } = somebody(corp);
        const page = await open(t);
        await go(page, "Corp", "", does);
        await page.getByRole("status").getByText(words).waitFor();
        await assertAccessible(page);
        assert.deepEqual((await stored(page)).session, []);
        await page.getByRole("link", { name: "Log in" }).click();
        await go(page, "Corp", who);
        await heading(page, "Your account").waitFor();
      });
    }

    test("a provider that is not there costs its own button", async (t) => {
      const page = await open(t);
      await button(page, "Continue with Gone").click();
      await page.getByRole("alert").getByText("cannot be reached now").waitFor();
      await go(page, "Corp", somebody(corp).who);
      await heading(page, "Your account").waitFor();
    });

    test("what came works once, and what another browser began opens nothing", async (t) => {
      const page = await open(t);
      let came = "";
      page.on("framenavigated", (frame) => { if (frame.url().includes("#")) came = frame.url(); });
      await go(page, "Corp", somebody(corp).who);
      await heading(page, "Your account").waitFor();
      const elsewhere = await open(t, came.slice(it.url.length));
      await heading(elsewhere, "Go back to where you began").waitFor();
      await assertAccessible(elsewhere);
      assert.equal(new URL(elsewhere.url()).hash, "");
      await elsewhere.goto(`${it.url}/log-in`);
      await heading(elsewhere, "Log in").waitFor();
    });

    test("the second factor is asked for after the provider, and too many wrong codes begin anew", async (t) => {
      const { page, who } = await comer(t);
      const factors = section(page, "Passkeys and second factor");
      await button(factors, "Add an authenticator app").click();
      const secret = (await factors.locator("code").first().textContent()).replaceAll(" ", "");
      await field(factors, "The code that the app shows now").fill(code(secret));
      await button(factors, "Add").click();
      await button(factors, "I have kept them").click();
      await logOut(page);
      await go(page, "Corp", who);
      await heading(page, "One more step").waitFor();
      await assertAccessible(page);
      for (let i = 0; i < 6; i++) {
        await field(page, "Code of your app, or a recovery code").fill(`0000-0000-0000-0000-0000-000${i}`);
        await page.locator("[type=submit][aria-disabled=false]").first().waitFor(); // a form that is busy takes nothing
        const answered = page.waitForResponse((answer) => answer.url().includes("/graphql"));
        await page.keyboard.press("Enter");
        await answered;
      }
      await page.getByText("too many wrong codes").waitFor();
      await page.getByRole("link", { name: "Log in" }).click();
      await go(page, "Corp", who);
      await field(page, "Code of your app, or a recovery code").fill(code(secret, 1));
      await page.keyboard.press("Enter");
      await heading(page, "Your account").waitFor();
    });

    test("whose address has an account logs in to it as before, and links", async (t) => {
      const { email } = await it.account();
      const { who } = somebody(corp, { email });
      const page = await open(t);
      await go(page, "Corp", who);
      await heading(page, "You have an account already").waitFor();
      await page.getByText(`Log in to the account of ${email} as before.`).waitFor();
      await assertAccessible(page);
      await page.getByRole("link", { name: "Log in" }).click();
      await logIn(page, email);
      await button(page, "Link it").click();
      await page.getByText("Linked. From now on it opens this account.").waitFor();
      await section(page, others).getByText("Corp", { exact: true }).waitFor();
      await logOut(page);
      await go(page, "Corp", who);
      await page.getByText(`Your address is ${email}.`).waitFor();
    });

    test("what was offered links with no other account, and can be declined", async (t) => {
      const [{ email }, stranger] = [await it.account(), await it.account()];
      const { who } = somebody(corp, { email });
      for (const answer of ["Link it", "Not now"]) {
        const page = await open(t);
        await go(page, "Corp", who);
        await page.getByRole("link", { name: "Log in" }).click();
        await logIn(page, stranger.email);
        await button(page, answer).click();
        if (answer === "Link it") await page.getByText("It was not linked.").waitFor();
        await page.reload();
        await heading(page, "Your account").waitFor();
        assert.equal(await button(page, "Link it").count(), 0);
        assert.equal(await section(page, others).getByRole("listitem").count(), 0);
      }
    });

    test("another login is linked in a window of its own, opens the account, and is unlinked", async (t) => {
      const { page, email } = await it.owner(t, { others: [it.server, corp.origin, club.origin] });
      const { who } = somebody(club);
      const identities = section(page, others);
      const link = () => button(identities, "Link Club").click();
      await inWindow(page, link, "", "Cancel");
      await identities.getByRole("alert").getByText("allow").waitFor();
      const opened = page.waitForEvent("popup");
      await link();
      await (await opened).close(); // nobody is told
      await identities.getByText("Go on in the window that was opened.").waitFor();
      await assertAccessible(page);
      await button(identities, "Cancel").click();
      await inWindow(page, link, who);
      await identities.getByRole("listitem").waitFor();
      assert.deepEqual((await stored(page)).session, []);
      await logOut(page);
      await go(page, "Club", who);
      await page.getByText(`Your address is ${email}.`).waitFor();
      await button(identities, "Unlink: Club").click();
      await identities.getByRole("listitem").waitFor({ state: "detached" });
      await logOut(page);
      await go(page, "Club", who); // is a new person now
      await heading(page, "Your account").waitFor();
      assert.equal(await page.getByText(`Your address is ${email}.`).count(), 0);
    });

    test("a browser that opens no window says so", async (t) => {
      const page = await it.open(t, "/log-in", { before: (one) => one.addInitScript(() => { window.open = () => null; }) });
      await logIn(page, (await it.account()).email);
      await button(page, "Link Corp").click();
      await page.getByText("The browser has not opened the window.").waitFor();
    });
  });
}

describe("where the proof of presence is a few seconds old", { skip }, async () => {
  const { it, corp, club, comer } = await site("urql", { RECENT_TTL: "10s" });
  const old = () => new Promise((over) => { setTimeout(over, 10_500); });

  test("an account without a password proves by its provider, in a window", async (t) => {
    const { page, who } = await comer(t);
    await old();
    await unfold(page, "Delete the account…");
    await button(page, "Delete it for ever").click();
    await inWindow(page, () => button(page.getByRole("dialog"), "Log in with Corp again").click(), who);
    await heading(page, "Log in").waitFor();
  });

  test("before another login is linked, the question is in front", async (t) => {
    const { page } = await it.owner(t, { others: [it.server, corp.origin, club.origin] });
    await old();
    await button(page, "Link Club").click();
    const dialog = page.getByRole("dialog");
    await dialog.waitFor();
    await alone(page);
    await field(dialog, "Password").fill(password);
    await inWindow(page, () => button(dialog, "Go on").click(), somebody(club).who);
    await section(page, others).getByRole("listitem").waitFor();
  });
});
