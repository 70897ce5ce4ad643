// Access tokens that ran out, in one tab and in two. The server allows for clocks that differ by half a minute, so that
// everybody logs in first and the tests wait once.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { App, everyKind, newStore, password, type Kind } from "./apps";
import { Browser } from "./browser";
import { issue, twelve } from "./documents";
import { serve, type Server } from "./server";
import type { LoginInput } from "../../examples/react/src/gql/graphql";
import type { RefreshTokenStore } from "../../examples/react/src/session";

type Tabs = { account: LoginInput; tabs: [App, App] };
type People = { alone: { account: LoginInput; app: App }; stored: Tabs; cookied: Tabs };

async function tabs(kind: Kind, store?: RefreshTokenStore): Promise<Tabs> {
  const browser = new Browser();
  const first = new App(kind, server, { browser, store });
  const account = await first.signUp();
  const second = new App(kind, server, { browser, store });
  assert.ok(await second.me());
  return { account, tabs: [first, second] };
}

async function expired(bearer: string): Promise<void> {
  for (const end = Date.now() + 60_000; Date.now() < end; await sleep(250)) {
    const response = await fetch(`${server.url}/graphql`, {
      method: "POST",
      headers: { "Content-Type": "application/json", Authorization: `Bearer ${bearer}` },
      body: JSON.stringify({ query: "{ me { id } }" }),
    });
    const { errors } = await response.json() as { errors?: { extensions: { reason: string } }[] };
    if (errors?.[0]?.extensions.reason === "EXPIRED") return;
  }
  throw new Error("the access token never ran out");
}

let server: Server;
const people = {} as Record<Kind, People>;

before(async () => {
  server = await serve({ AUTHGRAPH_ACCESS_TTL: "1s", AUTHGRAPH_RECENT_TTL: "1s" });
  for (const kind of everyKind) {
    const app = new App(kind, server, { store: newStore() });
    people[kind] = { alone: { app, account: await app.signUp() }, stored: await tabs(kind, newStore()), cookied: await tabs(kind) };
  }
  await expired(people[everyKind.at(-1)!].cookied.tabs[1].session.accessToken!);
});
after(() => server.stop());

for (const kind of everyKind) {
  describe(kind, () => {
    test("refreshes once for twelve queries, and repeats each once", async () => {
      const { app, account } = people[kind].alone;
      app.browser.calls.length = 0;
      for (const { me } of await Promise.all(twelve.map((document) => app.query(document, {})))) assert.ok(me);
      assert.equal(app.browser.sent("Refresh").length, 1);
      for (let i = 0; i < 12; i++) assert.deepEqual(await app.browser.answers(`Twelve${i}`), ["UNAUTHENTICATED", "DATA"]);
      assert.deepEqual(app.changes, [true]);

      // Neither a wrong password nor what wants a recent one is a reason to refresh.
      const wrong = await app.login({ ...account, password: `${password}?` });
      assert.deepEqual(wrong.errors.map((e) => e.code), ["INVALID_CREDENTIALS"]);
      await assert.rejects(app.mutate(issue, {}), /REAUTHENTICATION_REQUIRED/);
      assert.equal(app.browser.sent("Refresh").length, 1);
    });

    for (const [delivery, whose] of [["a refresh token in a store", "stored"], ["a cookie", "cookied"]] as const) {
      test(`lives on in two tabs that share ${delivery}`, async () => {
        const { account, tabs } = people[kind][whose];
        for (const round of ["expired", "once more"]) {
          const refreshes = meet(tabs[0].browser, 2);
          const found = await Promise.all(tabs.map((tab) => tab.me()));
          assert.deepEqual(found.map((me) => me?.username), [account.username, account.username], round);
          assert.equal(new Set(await refreshes).size, 1, `${round}: both showed the same token`);
          tabs.forEach((tab) => { tab.session.accessToken = "spoiled"; });
        }
        assert.equal((await tabs[1].me())?.sessions?.length, 1, "it is one session still");
        assert.deepEqual(tabs.map((tab) => tab.changes), [[true], []], "the second tab found somebody logged in");

        // Logging out works beside a bad bearer, and ends both.
        tabs[0].session.accessToken = "spoiled";
        assert.equal((await tabs[0].logout()).sessions.length, 1);
        assert.equal(await tabs[1].me(), null);
        assert.deepEqual(tabs.map((tab) => tab.changes), [[true, false], [false]]);
      });
    }
  });
}

/** meet holds refreshes until so many have come, and tells which token each showed. */
async function meet(browser: Browser, count: number): Promise<(string | null | undefined)[]> {
  const shown: (string | null | undefined)[] = [];
  await new Promise<void>((open) => {
    const all = new Promise<void>((resolve) => {
      browser.between = (call) => {
        if (call.operation !== "Refresh") return;
        shown.push(call.params.variables?.input?.refreshToken ?? browser.cookies.get("authgraph"));
        if (shown.length === count) resolve();
        return all;
      };
    });
    all.then(open);
  });
  browser.between = () => {};
  return shown;
}
