// What the caches of the clients forget.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as apollo from "../../examples/react/src/client/apollo";
import * as urql from "../../examples/react/src/client/urql";
import { MeDocument, RevokeSessionDocument } from "../../examples/react/src/gql/graphql";
import { App } from "./apps";
import { serve, type Server } from "./server";

let server: Server;
before(async () => { server = await serve(); });
after(() => server.stop());

type Me = { username: string | null; sessions: { id: string; current: boolean }[] | null } | null | undefined;

/** seen collects what a page showed, and waits for what it should. */
function seen() {
  let last: Me;
  let look = () => {};
  return {
    show(me: Me) { last = me; look(); },
    until: (right: (me: Me) => boolean) => new Promise<Me>((resolve) => {
      look = () => { if (right(last)) resolve(last); };
      look();
    }),
  };
}

/** other logs in from elsewhere, and gives the id of that session. */
async function other(account: Parameters<App["login"]>[0]) {
  const app = new App("apollo", server);
  await app.login(account);
  return { app, id: (await app.me())!.sessions!.find((s) => s.current)!.id };
}

test("Apollo's cache forgets a session that was revoked, without asking", async () => {
  const page = new App("apollo", server);
  const elsewhere = await other(await page.signUp());
  const client = apollo.createClient(page.session, { url: `${server.url}/graphql`, fetch: page.browser.fetch });
  await client.query({ query: MeDocument });
  page.browser.calls.length = 0;
  assert.deepEqual((await apollo.sender(client)(RevokeSessionDocument, { input: { id: elsewhere.id } })).revokeSession.errors, []);
  const { data } = await client.query({ query: MeDocument });
  assert.equal(data?.me?.sessions?.length, 1);
  assert.equal(`Session:${elsewhere.id}` in (client.extract() as object), false);
  assert.equal(page.browser.sent("Me").length, 0);
});

test("urql's cache asks again for what held a session that was revoked", async () => {
  const page = new App("urql", server);
  const elsewhere = await other(await page.signUp());
  const client = urql.createClient(page.session, { url: `${server.url}/graphql`, fetch: page.browser.fetch });
  const { show, until } = seen();
  const list = client.query(MeDocument, {}).subscribe(({ data }) => show(data?.me as Me));
  await until((me) => me?.sessions?.length === 2);
  await urql.sender(client)(RevokeSessionDocument, { input: { id: elsewhere.id } });
  await until((me) => me?.sessions?.length === 1);
  list.unsubscribe();
});
