// Tabs of one browser follow each other by a BroadcastChannel. (Locks are tested in a browser: Node 20 has none.)
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { App, everyKind, newStore, type Kind } from "./apps";
import { Browser } from "./browser";
import { serve, type Server } from "./server";

// An open channel would keep the tests from ending.
globalThis.BroadcastChannel = class extends BroadcastChannel {
  constructor(name: string) {
    super(name);
    (this as unknown as { unref: () => void }).unref();
  }
};

let server: Server;
before(async () => { server = await serve(); });
after(() => server.stop());

/** two tabs, in which nobody is logged in, and which know that. */
async function two(kind: Kind, store = undefined as ReturnType<typeof newStore> | undefined): Promise<[App, App]> {
  const [browser, tabs] = [new Browser(), randomBytes(8).toString("hex")];
  const apps: [App, App] = [new App(kind, server, { browser, store, tabs }), new App(kind, server, { browser, store, tabs })];
  for (const app of apps) assert.equal(await app.me(), null);
  return apps;
}

async function until(right: () => boolean): Promise<void> {
  for (const end = Date.now() + 5_000; Date.now() < end; await sleep(5)) if (right()) return;
  assert.fail("the other tab never heard of it");
}

for (const kind of everyKind) {
  describe(kind, () => {
    for (const [where, store] of [["the cookie", undefined], ["a store", newStore()]] as const) {
      test(`the other tab follows log-in, refresh and log-out, with ${where}`, async () => {
        const [here, there] = await two(kind, store);
        const account = await here.signUp();
        await until(() => there.session.accessToken !== null);
        assert.equal((await there.me())?.username, account.username);
        assert.equal(there.browser.sent("Refresh").length, store ? 0 : 2, "only those of the beginning");

        here.session.accessToken = "spoiled";
        assert.ok(await here.me());
        await until(() => there.session.accessToken === here.session.accessToken);
        await here.logout();
        await until(() => there.session.accessToken === null);
        assert.equal(await there.me(), null);
        for (const tab of [here, there]) assert.deepEqual(tab.changes, [true, false]);
      });
    }

    test("another account in the other tab is a change here", async () => {
      const [here, there] = await two(kind);
      const first = await here.signUp();
      await until(() => there.session.accessToken !== null);
      const second = await there.signUp();
      await until(() => here.session.accessToken === null); // it does not take the other tab's word for it
      assert.notEqual(second.username, first.username);
      assert.equal((await here.me())?.username, second.username); // it asks by the cookie
      assert.deepEqual(here.changes, [true, false]);
    });

    test("a refresh that is refused in one tab does not log the other one out", async () => {
      const [here, there] = await two(kind);
      await here.signUp();
      await until(() => there.session.accessToken !== null);
      here.browser.between = ({ operation }) => operation === "Refresh"
        ? Response.json({ data: { refresh: { __typename: "RefreshPayload", auth: null, errors: [] } } }) : undefined;
      here.session.accessToken = "spoiled";
      assert.equal(await here.me(), null);
      await sleep(50);
      assert.notEqual(there.session.accessToken, null);
      here.browser.between = () => {};
      assert.ok(await there.me());
    });
  });
}
