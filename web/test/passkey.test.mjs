// Passkeys in a real browser with a virtual authenticator, against the real server.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ask, letter, login, newAddress, password, requestReset } from "./api.mjs";
import { assertAccessible, base, open, pathOf } from "./browser.mjs";
import { add, confirm, device, make, owner, use } from "./passkey.mjs";

const start = async () => (await ask("mutation { startPasskeyLogin { options } }")).options;
const loginWith = (passkey) => ask(`mutation ($input: LoginWithPasskeyInput!) {
  loginWithPasskey(input: $input) { status auth { accessToken user { email } } errors { code } } }`, { passkey });
const refusal = async (passkey) => (await loginWith(passkey)).errors.map((e) => e.code).join();

test("a passkey is made, logs in by one touch, and works once", async (t) => {
  const { page, email, accessToken, factor } = await owner(t);
  assert.equal(factor.logsIn, true);
  const answer = await use(page, await start());
  const { status, auth } = await loginWith(answer);
  assert.equal(status, "LOGGED_IN");
  assert.equal(auth.user.email, email);
  assert.equal(await refusal(answer), "INVALID_CREDENTIALS");
  const { options } = await add(accessToken);
  await assert.rejects(make(page, options), /InvalidStateError/);
});

test("twenty answers at once: one logs in", async (t) => {
  const { page } = await owner(t);
  const answer = await use(page, await start());
  const all = await Promise.all(Array.from({ length: 20 }, () => loginWith(answer)));
  assert.equal(all.filter(({ status }) => status === "LOGGED_IN").length, 1);
});

test("a form's autofill logs in", async (t) => {
  const { page, email } = await owner(t);
  assert.equal(await page.evaluate(() => PublicKeyCredential.isConditionalMediationAvailable()), true);
  const { auth } = await loginWith(await use(page, await start(), "conditional"));
  assert.equal(auth.user.email, email);
});

test("a clone, another's handle and a broken signature are refused", async (t) => {
  const { page, cdp, authenticatorId } = await owner(t);
  const { credentials: [before] } = await cdp.send("WebAuthn.getCredentials", { authenticatorId });
  assert.equal((await loginWith(await use(page, await start()))).status, "LOGGED_IN");
  const put = async (changes) => {
    await cdp.send("WebAuthn.clearCredentials", { authenticatorId });
    await cdp.send("WebAuthn.addCredential", { authenticatorId, credential: { ...before, ...changes } });
  };
  await put({ signCount: 0 });
  assert.equal(await refusal(await use(page, await start())), "INVALID_CREDENTIALS");
  await put({ signCount: 100, userHandle: Buffer.alloc(16, 7).toString("base64") });
  assert.equal(await refusal(await use(page, await start())), "INVALID_CREDENTIALS");
  await put({ signCount: 200 });
  const answer = await use(page, await start());
  const broken = Buffer.from(answer.response.signature, "base64url");
  broken[broken.length - 1] ^= 1;
  assert.equal(await refusal({ ...answer, response: { ...answer.response, signature: broken.toString("base64url") } }), "INVALID_CREDENTIALS");
  assert.equal((await loginWith(answer)).status, "LOGGED_IN");
});

test("a passkey that becomes one that is copied still logs in", async (t) => {
  const { page, cdp, authenticatorId } = await owner(t);
  const { credentials: [{ credentialId }] } = await cdp.send("WebAuthn.getCredentials", { authenticatorId });
  await cdp.send("WebAuthn.setCredentialProperties", { authenticatorId, credentialId, backupEligibility: true, backupState: true });
  assert.equal((await loginWith(await use(page, await start()))).status, "LOGGED_IN");
});

for (const [name, options] of Object.entries({
  "a U2F key": { protocol: "u2f", ctap2Version: undefined, transport: "usb", hasResidentKey: false, hasUserVerification: false, isUserVerified: false },
  "a key without PIN": { transport: "usb", hasResidentKey: false, hasUserVerification: false, isUserVerified: false },
})) {
  test(`${name} is a second factor, and no login`, async (t) => {
    const { page, email, factor, recoveryCodes } = await owner(t, options, true);
    assert.equal(factor.logsIn, false);
    assert.equal(recoveryCodes.length, 10);
    const { challenge } = await ask(`mutation ($input: LoginInput!) { login(input: $input) { challenge { token methods passkeyOptions } } }`, { email, password });
    assert.deepEqual(challenge.methods, ["PASSKEY", "RECOVERY_CODE"]);
    const passkey = await use(page, challenge.passkeyOptions);
    assert.equal(await refusal(passkey), "INVALID_CREDENTIALS");
    const { status } = await ask("mutation ($input: AnswerChallengeInput!) { answerChallenge(input: $input) { status } }", { challenge: challenge.token, passkey });
    assert.equal(status, "LOGGED_IN");
  });
}

test("a page of another origin has the browser sign, and the server refuses; of another domain the browser refuses", async (t) => {
  const { page, accessToken } = await owner(t, {}, false, { hostile: true });
  const elsewhere = async (at) => {
    await page.route(`${at}/**`, (route) => route.fulfill({ contentType: "text/html", body: "<!doctype html><title>elsewhere</title>" }));
    await page.goto(`${at}/`);
  };
  await elsewhere("https://localhost:9999"); // of the same domain, but not in the list
  const answer = await use(page, await start());
  assert.equal(JSON.parse(Buffer.from(answer.response.clientDataJSON, "base64url")).origin, "https://localhost:9999");
  assert.equal(await refusal(answer), "INVALID_CREDENTIALS");
  await elsewhere("https://127.0.0.1:9999");
  await assert.rejects(use(page, await start()), /SecurityError/);
  await elsewhere("https://evil.example");
  await assert.rejects(use(page, await start()), /SecurityError/);
  await assert.rejects(make(page, (await add(accessToken)).options), /SecurityError/);
  await page.goto(base);
  assert.equal((await loginWith(await use(page, await start()))).status, "LOGGED_IN");
});

for (const old of [false, true]) {
  test(`an account is made with a passkey and no password, and confirmed by it on the page${old ? ", in a browser that cannot read its JSON" : ""}`, async (t) => {
    const email = newAddress();
    const on = await device(t, "/reset");
    const { options } = await ask("mutation ($input: StartPasskeySignUpInput!) { startPasskeySignUp(input: $input) { options } }", { email });
    const { status } = await ask("mutation ($input: SignUpWithPasskeyInput!) { signUpWithPasskey(input: $input) { status } }",
      { passkey: await make(on.page, options) });
    assert.equal(status, "CONFIRMATION_SENT");
    const { link } = await letter("confirm", email);
    await on.page.goto(base + pathOf(link));
    if (old) {
      await on.page.evaluate(() => {
        delete PublicKeyCredential.parseRequestOptionsFromJSON;
        delete PublicKeyCredential.prototype.toJSON;
      });
    }
    await on.page.getByRole("button", { name: "Confirm", exact: true }).click();
    await on.page.getByRole("button", { name: "Use your passkey" }).waitFor();
    await on.page.getByRole("heading", { name: "You do not have the passkey here?" }).waitFor();
    await assertAccessible(on.page);
    await on.page.getByRole("button", { name: "Use your passkey" }).click();
    await on.page.getByText(`log in as ${email}`).waitFor();
    await on.page.goto(base);
    assert.equal((await loginWith(await use(on.page, await start()))).auth.user.email, email);
  });
}

test("without the passkey a new password confirms", async (t) => {
  const email = newAddress();
  const on = await device(t, "/reset");
  const { options } = await ask("mutation ($input: StartPasskeySignUpInput!) { startPasskeySignUp(input: $input) { options } }", { email });
  await ask("mutation ($input: SignUpWithPasskeyInput!) { signUpWithPasskey(input: $input) { status } }", { passkey: await make(on.page, options) });
  const { link } = await letter("confirm", email);
  const page = await open(t, pathOf(link));
  await page.getByRole("button", { name: "Confirm", exact: true }).click();
  await page.getByLabel("New password", { exact: true }).fill("eight louder lighthouses");
  await page.getByRole("button", { name: "Set password and confirm" }).click();
  await page.getByText(`log in as ${email}`).waitFor();
  assert.equal((await login(email, "eight louder lighthouses")).status, "LOGGED_IN");
  assert.equal(await refusal(await use(on.page, await start())), "INVALID_CREDENTIALS");
});

test("a reset is proved by the passkey that is the second factor", async (t) => {
  const { page, cdp, authenticatorId, email } = await owner(t, {}, true);
  const { link } = await requestReset(email);
  await page.goto(base + pathOf(link));
  await page.getByLabel("New password", { exact: true }).fill("eight louder lighthouses");
  await page.keyboard.press("Enter");
  const button = page.getByRole("button", { name: "Use your passkey" });
  await button.waitFor();
  await page.getByRole("heading", { name: "Enter a code" }).waitFor(); // who has it elsewhere has a recovery code
  await assertAccessible(page);
  const { credentials } = await cdp.send("WebAuthn.getCredentials", { authenticatorId });
  await cdp.send("WebAuthn.clearCredentials", { authenticatorId });
  await button.click();
  await page.getByText("No passkey was used.").waitFor();
  assert.equal((await login(email, "eight louder lighthouses")).status, "REFUSED");
  for (const credential of credentials) await cdp.send("WebAuthn.addCredential", { authenticatorId, credential });
  await button.click();
  await page.getByRole("heading", { name: "Your password is changed" }).waitFor();
  await page.getByText(`log in as ${email}`).waitFor();
  assert.equal((await login(email, "eight louder lighthouses")).status, "SECOND_FACTOR_REQUIRED");
});
