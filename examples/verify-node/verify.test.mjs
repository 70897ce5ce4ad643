// Runs against the server that AUTHGRAPH_URL names, started with the scope
// orders:write (AUTHGRAPH_API_TOKEN_SCOPES).
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { SignJWT, UnsecuredJWT, decodeJwt, decodeProtectedHeader, generateKeyPair } from "jose";
import { verifier } from "./verify.mjs";

const { AUTHGRAPH_URL: url, AUTHGRAPH_PROGRAM: program, AUTHGRAPH_DATA_DIR } = process.env;

async function post(path, bearer, query) {
  const headers = { "Content-Type": "application/json" };
  if (bearer) headers.Authorization = `Bearer ${bearer}`;
  const res = await fetch(url + path, { method: "POST", headers, body: JSON.stringify({ query }) });
  return res.json();
}

let people = 0;
async function login() {
  const name = `node-${Date.now()}-${people++}`;
  const query = `mutation { signUp(input: {username: "${name}", password: "correct horse battery"}) { auth { accessToken } } }`;
  return (await post("/graphql", "", query)).data.signUp.auth.accessToken;
}

const minutes = (n) => () => new Date(Date.now() + n * 60_000);

test("access tokens", { skip: url ? false : "AUTHGRAPH_URL names no server" }, async (t) => {
  const session = await login();
  const issue = `mutation { issueApiToken(input: {name: "orders", scopes: ["orders:write"]}) { token } }`;
  const apiToken = (await post("/graphql", session, issue)).data.issueApiToken.token;
  const forPrograms = (await post("/token", apiToken)).accessToken;
  const settings = { issuer: url, audience: url };
  const verify = verifier(settings);
  const forge = (header) => new SignJWT(decodeJwt(session)).setProtectedHeader({ ...decodeProtectedHeader(session), ...header });
  const { privateKey } = await generateKeyPair("ES256");

  await t.test("a session's is good, and names the account", async () => {
    assert.match((await verify(session, "session")).sub, /^[0-9a-f-]{36}$/);
  });
  await t.test("an API token's is good for its scope", async () => {
    assert.ok((await verify(forPrograms, "orders:write")).tid);
  });
  await t.test("just before its end it is good", () => verifier({ ...settings, now: minutes(14.9) })(session, "session"));
  for (const [what, bad] of Object.entries({
    "an expired one": () => verifier({ ...settings, now: minutes(16) })(session, "session"),
    "one from the future": () => verifier({ ...settings, now: minutes(-2) })(session, "session"),
    "an API token's as a session's": () => verify(forPrograms, "session"),
    "a session's for a program's scope": () => verify(session, "orders:write"),
    "part of a scope": () => verify(forPrograms, "orders"),
    "one for another audience": () => verifier({ ...settings, audience: "https://other.example" })(session, "session"),
    "a changed one": () => verify(session.replace(/\.e/, ".f"), "session"),
    "one signed with a secret": async () =>
      verify(await forge({ alg: "HS256" }).sign(new TextEncoder().encode("a secret that is not the server's")), "session"),
    "one signed with another key": async () => verify(await forge({}).sign(privateKey), "session"),
    "one signed with another key by its own name": async () => verify(await forge({ kid: "mine" }).sign(privateKey), "session"),
    "one signed by nobody": () => verify(new UnsecuredJWT(decodeJwt(session)).encode(), "session"),
    "one without its signature": () => verify(session.slice(0, session.lastIndexOf(".") + 1), "session"),
    "none": () => verify("", "session"),
  })) {
    await t.test(`${what} is refused`, () => assert.rejects(bad));
  }
});

// It needs AUTHGRAPH_PROGRAM, the binary, and the server's AUTHGRAPH_DATA_DIR.
test("keys rotate while the verifier runs", { skip: url && program ? false : "AUTHGRAPH_PROGRAM names no program" }, async () => {
  const verify = verifier({ issuer: url, audience: url, cooldownDuration: 0 });
  const before = await login();
  await verify(before, "session");
  execFileSync(program, ["keys", "rotate", "--compromised"], { env: { AUTHGRAPH_DATA_DIR } });
  let after = before;
  for (const began = Date.now(); decodeProtectedHeader(after).kid === decodeProtectedHeader(before).kid; after = await login()) {
    assert.ok(Date.now() - began < 10_000, "the server does not sign with a new key");
  }
  await verify(after, "session"); // an unknown key has the keys fetched
  await assert.rejects(verify(before, "session"));
});
