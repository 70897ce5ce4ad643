// An authenticator app, and an account that has one.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { account, ask, login, password } from "./api.mjs";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

// code is what an app with the key in base32 shows, some steps of 30 seconds ahead.
export function code(secret, ahead = 0) {
  const bits = [...secret].map((c) => alphabet.indexOf(c).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + ahead));
  const mac = createHmac("sha1", key).update(step).digest();
  const at = mac.at(-1) & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

// withApp makes an account with an app. The next code that works is one step ahead.
export async function withApp() {
  const email = await account();
  const { auth } = await login(email, password);
  const { id, secret } = await ask("mutation { addTotp { id secret } }", undefined, auth.accessToken);
  const { recoveryCodes } = await ask("mutation ($input: ConfirmTotpInput!) { confirmTotp(input: $input) { recoveryCodes } }",
    { id, code: code(secret) }, auth.accessToken);
  assert.equal(recoveryCodes.length, 10);
  return { email, secret, recoveryCodes, bearer: auth.accessToken };
}
