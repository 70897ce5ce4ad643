// A virtual authenticator in a real browser, and what makes and uses its passkeys.
import assert from "node:assert/strict";
import { account, ask, login, password } from "./api.mjs";
import { open } from "./browser.mjs";

const platform = {
  protocol: "ctap2", ctap2Version: "ctap2_1", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true,
  automaticPresenceSimulation: true,
};

// device is a page with an authenticator of its own, which belongs to that page.
export async function device(t, path = "/reset", options = {}, at = {}) {
  const page = await open(t, path, at);
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("WebAuthn.enable"); // with its dialogues headless Chromium ends
  const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", { options: { ...platform, ...options } });
  return { page, cdp, authenticatorId };
}

export const make = (page, options) => page.evaluate(async (o) => (await navigator.credentials.create({
  publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(o) })).toJSON(), options);
export const use = (page, options, mediation) => page.evaluate(async ([o, m]) => (await navigator.credentials.get({
  publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(o), mediation: m })).toJSON(), [options, mediation]);

export const add = (bearer) => ask("mutation { addPasskey { options errors { code } } }", undefined, bearer);
export const confirm = (passkey, bearer, secondFactor = false) => ask(`mutation ($input: ConfirmPasskeyInput!) {
  confirmPasskey(input: $input) { factor { logsIn synced model } recoveryCodes errors { code } } }`, { passkey, secondFactor }, bearer);

// owner is an account with a passkey on a device.
export async function owner(t, options = {}, secondFactor = false, at = {}) {
  const email = await account();
  const { auth: { accessToken } } = await login(email, password);
  const on = await device(t, "/reset", options, at);
  const { factor, recoveryCodes, errors } = await confirm(await make(on.page, (await add(accessToken)).options), accessToken, secondFactor);
  assert.deepEqual(errors, []);
  return { ...on, email, accessToken, factor, recoveryCodes };
}
