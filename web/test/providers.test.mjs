// The page /signed-in in a real browser, with a certified provider of another site.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { ask, talkTo } from "./api.mjs";
import { assertAccessible, looks, nothing, open, stored } from "./browser.mjs";
import { code } from "./totp.mjs";
import { add, confirm, device, make } from "./passkey.mjs";
import { skip } from "./program.mjs";
import { bearer, go, heading, serve, somebody } from "./provider.mjs";

const site = skip ? {} : await serve();
talkTo(site.at);
const { corp } = site;
const others = [site.corp?.origin, site.club?.origin];
const come = (t, options = {}) => open(t, "/signed-in", { at: site.at, others, ...options });
// ours is what this site keeps in the browser; the provider keeps its own cookies.
async function ours(page) {
  const { cookies, ...kept } = await stored(page);
  return { ...kept, cookies: cookies.filter(({ domain }) => domain === "localhost") };
}
const me = async (page) => ask("{ me { id email identities { provider subject } } }", undefined, await bearer(page, site.at));

for (const look of looks) {
  test(`a new person and a known one log in, ${look.name}`, { skip }, async (t) => {
    const { who, email } = somebody(corp);
    let page = await come(t, look);
    await heading(page, "Log in");
    await assertAccessible(page);
    await go(page, "Corp", who);
    await heading(page, "You are logged in");
    await page.getByText(`logged in as ${email}`).waitFor();
    await assertAccessible(page);
    const { session, cookies } = await stored(page);
    assert.deepEqual(session, []);
    assert.ok(cookies.some(({ name, httpOnly }) => name === "authgraph" && httpOnly));
    const first = await me(page);
    assert.deepEqual(first.identities, [{ provider: "corp", subject: who }]);
    page = await come(t, look);
    await go(page, "Corp", who);
    await heading(page, "You are logged in");
    assert.deepEqual(await me(page), first);
  });
}

for (const [does, words] of Object.entries({ Cancel: "you did not allow this", Break: "answer cannot be used" })) {
  test(`${does} at the provider is told, and another try works`, { skip }, async (t) => {
    const { who } = somebody(corp);
    const page = await come(t);
    await go(page, "Corp", "", does);
    await page.getByText(words).waitFor();
    assert.equal(await page.getByRole("alert").evaluate((e) => e === document.activeElement), true);
    await assertAccessible(page);
    assert.deepEqual((await stored(page)).session, []);
    await go(page, "Corp", who);
    await heading(page, "You are logged in");
  });
}

test("a provider that is not there costs its own button", { skip }, async (t) => {
  const { who } = somebody(corp);
  const page = await come(t);
  await page.getByRole("button", { name: "Continue with Gone" }).click();
  await page.getByText("cannot be reached now").waitFor();
  await go(page, "Corp", who);
  await heading(page, "You are logged in");
});

// watch keeps where a page was led and what it sent.
function watch(page) {
  const seen = { urls: [], sent: null };
  page.on("request", (r) => {
    seen.urls.push(r.url());
    if (r.postData()?.includes("LoginWithProvider")) seen.sent = JSON.parse(r.postData()).variables.input.answer;
  });
  return seen;
}

test("neither the code nor the provider's answer works twice", { skip }, async (t) => {
  const { who } = somebody(corp);
  const page = await come(t);
  const { at } = site;
  const seen = watch(page);
  await go(page, "Corp", who);
  await heading(page, "You are logged in");
  assert.equal(page.url(), `${at}/signed-in`); // nothing is left in the address or the history
  await page.reload();
  await heading(page, "Log in");
  await page.goto(seen.urls.find((url) => url.includes("/oidc/corp/callback?")));
  await page.getByText("This browser has not begun this login").waitFor();
  await assertAccessible(page);
  await page.goto(`${at}/code`);
  await page.evaluate((verifier) => sessionStorage.setItem("sign-in:a", verifier), seen.sent.verifier);
  await page.goto(`${at}/signed-in#flow=a&code=${seen.sent.code}`);
  await page.getByText("That took too long").waitFor();
  await assertAccessible(page);
});

test("what another browser began opens nothing here", { skip }, async (t) => {
  const { who } = somebody(corp);
  const { url } = await ask("mutation ($input: StartProviderLoginInput!) { startProviderLogin(input: $input) { url } }",
    { provider: "corp", returnUrl: `${site.at}/signed-in`, challenge: createHash("sha256").update("a").digest("base64url") });
  for (const look of looks) {
    const page = await open(t, url.slice(site.at.length), { at: site.at, others, ...look });
    await page.getByLabel("Name").fill(who);
    await page.getByRole("button", { name: "Log in" }).click();
    await heading(page, "Go back to where you began");
    await assertAccessible(page);
    assert.deepEqual(await ours(page), nothing);
  }
});

test("the app's code is asked for after the provider", { skip }, async (t) => {
  const { who } = somebody(corp);
  const page = await come(t);
  await go(page, "Corp", who);
  await heading(page, "You are logged in");
  const token = await bearer(page, site.at);
  const { id, secret } = await ask("mutation { addTotp { id secret } }", undefined, token);
  await ask("mutation ($input: ConfirmTotpInput!) { confirmTotp(input: $input) { recoveryCodes } }", { id, code: code(secret) }, token);
  for (const look of looks) {
    const other = await come(t, look);
    await go(other, "Corp", who);
    await heading(other, "Enter a code");
    await assertAccessible(other);
    assert.deepEqual(await ours(other), nothing);
    await other.keyboard.type("000000");
    await other.keyboard.press("Enter");
    await other.getByText("This code is wrong").waitFor();
    await assertAccessible(other);
    if (look !== looks[0]) continue;
    await other.getByLabel("Code of your").fill(code(secret, 1));
    await other.keyboard.press("Enter");
    await heading(other, "You are logged in");
    assert.deepEqual((await me(other)).identities, [{ provider: "corp", subject: who }]);
  }
});

test("too many wrong codes lead back to the buttons", { skip }, async (t) => {
  const { who } = somebody(corp);
  const page = await come(t);
  await go(page, "Corp", who);
  await heading(page, "You are logged in");
  const token = await bearer(page, site.at);
  const { id, secret } = await ask("mutation { addTotp { id secret } }", undefined, token);
  await ask("mutation ($input: ConfirmTotpInput!) { confirmTotp(input: $input) { recoveryCodes } }", { id, code: code(secret) }, token);
  const other = await come(t);
  await go(other, "Corp", who);
  for (let i = 0; i < 6; i++) {
    await other.getByLabel("Code of your").fill(`0000-0000-0000-0000-0000-000${i}`);
    const answered = other.waitForResponse("**/graphql");
    await other.keyboard.press("Enter");
    await answered;
  }
  await other.getByText("too many wrong codes").waitFor();
  await heading(other, "Log in");
});

test("the passkey that is the second factor is asked for after the provider", { skip }, async (t) => {
  const { who, email } = somebody(corp);
  const { page, cdp, authenticatorId } = await device(t, "/signed-in", {}, { at: site.at, others });
  await go(page, "Corp", who);
  await heading(page, "You are logged in");
  const token = await bearer(page, site.at);
  const { errors } = await confirm(await make(page, (await add(token)).options), token, true);
  assert.deepEqual(errors, []);
  await page.context().clearCookies();
  await page.reload();
  await go(page, "Corp", who);
  const button = page.getByRole("button", { name: "Use your passkey" });
  await button.waitFor();
  await heading(page, "Enter a code"); // who has it elsewhere has a recovery code
  await assertAccessible(page);
  const { credentials } = await cdp.send("WebAuthn.getCredentials", { authenticatorId });
  await cdp.send("WebAuthn.clearCredentials", { authenticatorId });
  await button.click();
  await page.getByText("No passkey was used.").waitFor();
  for (const credential of credentials) await cdp.send("WebAuthn.addCredential", { authenticatorId, credential });
  await button.click();
  await page.getByText(`logged in as ${email}`).waitFor();
  assert.equal((await me(page)).email, email);
});

test("after Back the button works again, also in a page that was kept as it was", { skip }, async (t) => {
  const page = await come(t);
  await page.route("**/oidc/start**", (route) => route.fulfill({ status: 204 })); // the browser stays
  const button = page.getByRole("button", { name: "Continue with Corp" });
  await button.click();
  await page.waitForFunction(() => sessionStorage.length > 0);
  assert.equal(await button.getAttribute("aria-disabled"), "true");
  await page.evaluate(() => dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true })));
  assert.equal(await button.getAttribute("aria-disabled"), null);
});

test("a popup hands what came to the page that opened it, which has the verifier", { skip }, async (t) => {
  const { who, email } = somebody(corp);
  const { at } = site;
  const page = await open(t, "/code", { at, others }); // any page of this origin
  const opened = page.waitForEvent("popup");
  // As examples do it: neither window.opener nor popup.closed is of any use, since our pages cut the two apart.
  const login = page.evaluate(async (endpoint) => {
    const mutate = async (query, input) => {
      const response = await fetch(endpoint, {
        method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ query, variables: { input } }),
      });
      return Object.values((await response.json()).data)[0];
    };
    const base64url = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
    const popup = window.open("", "_blank", "popup,width=520,height=640");
    const verifier = base64url(crypto.getRandomValues(new Uint8Array(32)));
    const challenge = base64url(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier)));
    const { url, flow } = await mutate("mutation ($input: StartProviderLoginInput!) { startProviderLogin(input: $input) { url flow } }",
      { provider: "corp", returnUrl: `${location.origin}/signed-in`, challenge });
    const channel = new BroadcastChannel(`sign-in:${flow}`);
    const came = new Promise((resolve) => { channel.onmessage = ({ data }) => resolve(data); });
    popup.location.href = url;
    const { code } = await came;
    return mutate("mutation ($input: LoginWithProviderInput!) { loginWithProvider(input: $input) { status created auth { user { email } } } }",
      { answer: { code, verifier }, session: { delivery: "COOKIE" } });
  }, `${at}/graphql`);
  const popup = await opened;
  await popup.getByLabel("Name").fill(who);
  await popup.getByRole("button", { name: "Log in" }).click();
  await heading(popup, "Go back to where you began");
  await assertAccessible(popup);
  assert.deepEqual(await login, { status: "LOGGED_IN", created: true, auth: { user: { email } } });
  assert.equal((await me(page)).email, email);
});
