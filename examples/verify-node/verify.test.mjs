// Runs against the server that AUTHGRAPH_URL names, started with the scope
// orders:write (AUTHGRAPH_API_TOKEN_SCOPES).
import assert from "node:assert/strict";
import { test } from "node:test";
import { SignJWT, decodeProtectedHeader } from "jose";
import { verifier } from "./verify.mjs";

const url = process.env.AUTHGRAPH_URL;

async function post(path, bearer, query) {
  const headers = { "Content-Type": "application/json" };
  if (bearer) headers.Authorization = `Bearer ${bearer}`;
  const res = await fetch(url + path, { method: "POST", headers, body: JSON.stringify({ query }) });
  return res.json();
}

test("access tokens", { skip: url ? false : "AUTHGRAPH_URL names no server" }, async (t) => {
  const signUp = `mutation { signUp(input: {username: "verify-${Date.now()}", password: "correct horse battery"}) { auth { accessToken } } }`;
  const session = (await post("/graphql", "", signUp)).data.signUp.auth.accessToken;
  const issue = `mutation { issueApiToken(input: {name: "orders", scopes: ["orders:write"]}) { token } }`;
  const apiToken = (await post("/graphql", session, issue)).data.issueApiToken.token;
  const program = (await post("/token", apiToken)).accessToken;
  const verify = verifier({ issuer: url, audience: url });

  await t.test("a session's is good, and names the account", async () => {
    assert.match((await verify(session, "session")).sub, /^[0-9a-f-]{36}$/);
  });
  await t.test("an API token's is good for its scope", async () => {
    assert.ok((await verify(program, "orders:write")).tid);
  });
  await t.test("an API token's is no session's", () => assert.rejects(verify(program, "session")));
  await t.test("one for another audience is refused", () =>
    assert.rejects(verifier({ issuer: url, audience: "https://other.example" })(session, "session")));
  await t.test("a changed one is refused", () => assert.rejects(verify(session.replace(/\.e/, ".f"), "session")));
  await t.test("one signed with a secret is refused", async () => {
    const { kid } = decodeProtectedHeader(session);
    const forged = await new SignJWT({ scope: "session", sub: "someone" })
      .setProtectedHeader({ alg: "HS256", typ: "at+jwt", kid })
      .setIssuer(url).setAudience(url).setExpirationTime("1h")
      .sign(new TextEncoder().encode("a secret that is not the server's key"));
    await assert.rejects(verify(forged, "session"));
  });
});
