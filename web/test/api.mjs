// Calls the server as a program would, to set up and to look behind the pages.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { base } from "./browser.mjs";

let server = base;

// talkTo names another server than the one that the tests look at.
export function talkTo(url) {
  server = url;
}

export const password = "seven quiet lighthouses";

export const newAddress = () => `web.${randomBytes(6).toString("hex")}@example.org`;

export async function ask(query, input, bearer) {
  const response = await fetch(`${server}/graphql`, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...(bearer && { Authorization: `Bearer ${bearer}` }) },
    body: JSON.stringify({ query, variables: input && { input } }),
  });
  const { data, errors } = await response.json();
  assert.equal(errors, undefined, JSON.stringify(errors));
  return Object.values(data)[0];
}

// letter waits for the newest letter of a kind to an address that was not there before.
export async function letter(kind, to, not = "") {
  for (const end = Date.now() + 15_000; Date.now() < end;) {
    const letters = await (await fetch(`${server}/dev/mailbox.json`)).json();
    const found = letters.find((l) => l.to === to && l.letter === kind && l.id !== not);
    if (found) return found;
    await new Promise((resolve) => { setTimeout(resolve, 100); });
  }
  throw new Error(`no letter ${kind} arrived`);
}

export async function signUp(email = newAddress()) {
  const { status } = await ask("mutation ($input: SignUpInput!) { signUp(input: $input) { status } }", { email, password });
  assert.equal(status, "CONFIRMATION_SENT");
  return { email, ...(await letter("confirm", email)) };
}

export async function account() {
  const { email, token } = await signUp();
  const { status } = await ask("mutation ($input: ConfirmInput!) { confirm(input: $input) { status } }", { token, password });
  assert.equal(status, "LOGGED_IN");
  return email;
}

export async function requestReset(email) {
  await ask("mutation ($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { errors { code } } }", { email });
  return letter("reset_password", email);
}

export const login = (email, secret) => ask(`mutation ($input: LoginInput!) {
  login(input: $input) { status auth { accessToken } } }`, { email, password: secret });

// sessions lists where the bearer's account is logged in.
export const sessions = async (bearer) => (await ask("{ me { sessions { current deviceName } } }", undefined, bearer)).sessions;
