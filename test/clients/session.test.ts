// A person's day with each client: log in, load the page again, be thrown out.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { createClient } from "../../examples/react/src/client/apollo";
import { RequestError } from "../../examples/react/src/errors";
import { LoginDocument } from "../../examples/react/src/gql/graphql";
import { Session } from "../../examples/react/src/session";
import { App, everyKind, password } from "./apps";
import { Browser } from "./browser";
import { ask, rename, revoke, twelve } from "./documents";
import { serve, type Server } from "./server";

const all = (app: App) => Promise.all(twelve.map((document) => app.query(document, {})));

/** As good as expired: the server refuses it, with another reason. */
const spoil = (app: App) => { app.session.accessToken = "spoiled"; };

const broken = (): never => { throw new TypeError("Failed to fetch"); };

let server: Server;
before(async () => { server = await serve(); });
after(() => server.stop());

for (const kind of everyKind) {
  describe(kind, { concurrency: true }, () => {
    const open = (o: { browser?: Browser } = {}) => new App(kind, server, o);

    test("logs in, asks who it is, and logs out", async () => {
      const account = await open().signUp();
      const app = open();
      assert.equal(await app.me(), null);

      const login = await app.login(account);
      assert.equal(login.status, "LOGGED_IN");
      assert.equal(login.auth?.refreshToken, null, "it went into the cookie");
      assert.match(app.browser.setCookies.join("\n"), /^authgraph=agr_[^;]+;.*HttpOnly.*SameSite=Lax/m);
      assert.equal((await app.me())?.username, account.username);

      const bearer = app.session.accessToken;
      assert.equal((await app.logout()).sessions.length, 1);
      assert.equal(app.browser.cookies.has("authgraph"), false);
      assert.equal(await app.me(), null);
      assert.deepEqual(app.changes, [true, false]);

      app.session.accessToken = bearer;
      assert.equal(await app.me(), null, "the token ended with its session");
      assert.equal(app.session.accessToken, null);
    });

    test("is still logged in after the page was loaded again", async () => {
      const first = open();
      const account = await first.signUp();
      const again = open({ browser: first.browser });
      first.browser.calls.length = 0;

      for (const { me } of await all(again)) assert.ok(me);
      assert.equal((await again.me())?.username, account.username);
      assert.equal(again.browser.sent("Refresh").length, 1);
    });

    test("asks once whether a visitor has a session", async () => {
      const app = open();
      for (const { me } of await all(app)) assert.equal(me, null);
      assert.equal(await app.me(), null);
      assert.equal(app.browser.sent("Refresh").length, 1);
      assert.deepEqual(app.changes, []);
      await assert.rejects(app.mutate(rename, {}), (e) => e instanceof RequestError && e.code === "UNAUTHENTICATED");
      assert.equal(app.browser.sent("Refresh").length, 1);
    });

    test("refreshes once for twelve refused queries, and repeats each once", async () => {
      const app = open();
      await app.signUp();
      spoil(app);
      app.browser.calls.length = 0;

      for (const { me } of await all(app)) assert.ok(me);
      assert.equal(app.browser.sent("Refresh").length, 1);
      for (let i = 0; i < 12; i++) assert.deepEqual(await app.browser.answers(`Twelve${i}`), ["UNAUTHENTICATED", "DATA"]);
      assert.deepEqual(app.changes, [true]);
    });

    test("does not refresh again for an answer that comes late", async () => {
      const app = open();
      await app.signUp();
      spoil(app);
      app.browser.calls.length = 0;
      let release = () => {};
      const held = new Promise<void>((resolve) => { release = resolve; });
      app.browser.between = ({ operation, headers }) =>
        operation === "Twelve0" && headers.get("Authorization") === "Bearer spoiled" ? held : undefined;

      const late = app.query(twelve[0]!, {});
      assert.ok((await app.query(twelve[1]!, {})).me);
      release();
      assert.ok((await late).me);
      assert.equal(app.browser.sent("Refresh").length, 1);
    });

    test("takes a wrong password for what it is", async () => {
      const app = open();
      const account = await app.signUp();
      app.browser.calls.length = 0;

      const refused = await app.login({ ...account, password: `${password}?` });
      assert.deepEqual(refused.errors.map((e) => e.code), ["INVALID_CREDENTIALS"]);
      assert.deepEqual((await app.mutate(rename, {})).updateAccount.errors.map((e) => e.code), ["REQUIRED"]);
      spoil(app);
      const beside = await app.login({ ...account, password: `${password}?` });
      assert.deepEqual(beside.errors.map((e) => e.code), ["INVALID_CREDENTIALS"]);
      assert.equal(app.browser.sent("Refresh").length, 0);
      assert.equal((await app.me())?.username, account.username);
    });

    test("tells a refused document and refused variables by their codes", async () => {
      const app = open();
      await assert.rejects(app.query(ask("Unknown", "nobody"), {}), { message: "GRAPHQL_VALIDATION_FAILED" });
      await assert.rejects(app.login({ password: 1 as unknown as string }), { message: "BAD_USER_INPUT" });
      assert.deepEqual((await app.login({ password })).errors.map((e) => [e.code, e.field]), [["REQUIRED", ["email"]]]);
      assert.equal(app.browser.sent("Refresh").length, 1, "the one that every page begins with");
    });

    test("is logged out when its session was revoked elsewhere", async () => {
      const app = open();
      const account = await app.signUp();
      const elsewhere = open();
      await elsewhere.login(account);
      const other = (await elsewhere.me())?.sessions?.find((s) => !s.current);
      assert.deepEqual((await elsewhere.mutate(revoke, { input: { id: other!.id } })).revokeSession.errors, []);
      app.browser.calls.length = 0;

      for (const { me } of await all(app)) assert.equal(me, null);
      await assert.rejects(app.mutate(rename, {}), RequestError);
      assert.equal(app.browser.sent("Refresh").length, 1);
      assert.deepEqual(app.changes, [true, false]);
      assert.equal(app.browser.cookies.has("authgraph"), false);
      assert.equal((await elsewhere.me())?.username, account.username);
    });

    test("keeps the session when a refresh cannot be had now", async () => {
      const app = open();
      const account = await app.signUp();
      spoil(app);
      const overloaded = { errors: [{ message: "Later.", extensions: { code: "OVERLOADED", retryAfter: 1 } }] };
      const faults = { "Failed to fetch": broken, OVERLOADED: () => Response.json(overloaded) };
      for (const [what, fault] of Object.entries(faults)) {
        app.browser.between = ({ operation }) => (operation === "Refresh" ? fault() : undefined);
        await assert.rejects(app.me(), { message: what });
      }
      app.browser.between = () => {};
      assert.equal((await app.me())?.username, account.username);
      assert.deepEqual(app.changes, [true]);
    });

    test("asks again for the session of a page that was loaded without a line", async () => {
      const first = open();
      await first.signUp();
      const { browser } = first;
      const app = open({ browser });
      browser.between = broken;
      await assert.rejects(app.me(), /Failed to fetch/);
      browser.between = () => {};
      assert.ok(await app.me());
    });
  });
}

test("a page of another site can neither ask nor act, whatever cookies come along", async () => {
  const browser = new Browser("https://evil.example");
  const victim = new App("apollo", server);
  await victim.signUp();
  victim.browser.cookies.forEach((value, name) => browser.cookies.set(name, value));
  const app = new App("apollo", server, { browser });
  await assert.rejects(app.me(), /preflight: 403/);
  const simple = { method: "POST", credentials: "include" as const, headers: { "Content-Type": "text/plain" } };
  await assert.rejects(browser.fetch(`${server.url}/graphql`, { ...simple, body: JSON.stringify({ query: "mutation { logout { errors { code } } }" }) }), /CORS/);
  assert.ok(await victim.me());
});

test("Apollo's cache keeps no token", async () => {
  const session = new Session();
  const client = createClient(session, { url: `${server.url}/graphql`, fetch: new Browser().fetch });
  const input = { username: (await new App("apollo", server).signUp()).username, password };
  const { data } = await client.mutate({ mutation: LoginDocument, variables: { input } });
  assert.match(data?.login.auth?.refreshToken ?? "", /^agr_/);
  assert.doesNotMatch(JSON.stringify(client.extract()), /agr_|eyJ/);
});
