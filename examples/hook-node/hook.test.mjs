// Runs the receiver beside a real server: AUTHGRAPH_PROGRAM is the binary.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { receiver } from "./hook.mjs";

const program = process.env.AUTHGRAPH_PROGRAM;
const secret = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;

test("the receiver answers what authgraph asks", { skip: program ? false : "AUTHGRAPH_PROGRAM names no program" }, async (t) => {
  const hooks = receiver(secret).listen(0, "localhost");
  await once(hooks, "listening");
  t.after(() => hooks.close());
  const at = `http://localhost:${hooks.address().port}/authgraph`;

  await t.test("a message that is not signed is refused", async () => {
    const response = await fetch(`${at}/validate`, { method: "POST", body: "{}", headers: { "webhook-id": "msg_1", "webhook-timestamp": String(Math.floor(Date.now() / 1000)), "webhook-signature": "v1,AAAA" } });
    assert.equal(response.status, 401);
  });

  const folder = await mkdtemp(join(tmpdir(), "authgraph-hook-"));
  await writeFile(join(folder, "hook.secret"), `${secret}\n`);
  await writeFile(join(folder, "profile.graphqls"), "type Profile { birthYear: Int @editable }");
  await writeFile(join(folder, "hooks.json"), JSON.stringify({
    validate: { url: `${at}/validate`, secretFile: join(folder, "hook.secret") },
    claims: { url: `${at}/claims`, secretFile: join(folder, "hook.secret"), onFailure: "refuse" },
  }));
  const server = spawn(program, { stdio: ["ignore", "pipe", "inherit"], env: {
    AUTHGRAPH_LISTEN: "localhost:0", AUTHGRAPH_ADMIN_LISTEN: "off", AUTHGRAPH_DATA_DIR: folder, AUTHGRAPH_LOG_LEVEL: "error",
    AUTHGRAPH_HOOKS: join(folder, "hooks.json"), AUTHGRAPH_PROFILE: join(folder, "profile.graphqls"),
  } });
  t.after(async () => {
    server.kill();
    await once(server, "exit");
    await rm(folder, { recursive: true });
  });
  let url;
  for await (const line of createInterface(server.stdout)) {
    url = /^authgraph serves (\S+)/.exec(line)?.[1];
    if (url) break;
  }
  const signUp = async (input) => {
    const query = "mutation ($input: SignUpInput!) { signUp(input: $input) { auth { accessToken } errors { code field message } } }";
    const response = await fetch(`${url}/graphql`, {
      method: "POST", headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ query, variables: { input: { password: "correct horse battery", ...input } } }),
    });
    return (await response.json()).data.signUp;
  };

  await t.test("a sign-up is refused at its field", async () => {
    const { errors } = await signUp({ username: "ann", profile: { birthYear: new Date().getFullYear() - 10 } });
    assert.deepEqual(errors, [{ code: "REJECTED", field: ["profile", "birthYear"], message: "You must be 18." }]);
    assert.equal((await signUp({ username: "the-admin" })).errors[0].code, "REJECTED");
  });

  await t.test("another one is let in, and its token has the claims", async () => {
    const { auth, errors } = await signUp({ username: "ann", profile: { birthYear: 1990 } });
    assert.deepEqual(errors, []);
    assert.equal(JSON.parse(Buffer.from(auth.accessToken.split(".")[1], "base64url").toString()).plan, "FREE");
  });
});
