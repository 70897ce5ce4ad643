// What the caches of the clients forget.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as apollo from "../../examples/apollo/client";
import { revokeSession } from "../../examples/apollo/send";
import { MeDocument, RevokeSessionDocument } from "../../examples/gql/graphql";
import { Session } from "../../examples/session";
import * as urql from "../../examples/urql/client";
import { sender } from "../../examples/urql/send";
import { App } from "./apps";
import { Browser } from "./browser";
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
  const client = apollo.createClient(page.session, { uri: `${server.url}/graphql`, fetch: page.browser.fetch });
  await client.query({ query: MeDocument });
  page.browser.calls.length = 0;
  assert.deepEqual(await revokeSession(client, elsewhere.id), []);
  const { data } = await client.query({ query: MeDocument });
  assert.equal(data?.me?.sessions?.length, 1);
  assert.equal(`Session:${elsewhere.id}` in (client.extract() as object), false);
  assert.equal(page.browser.sent("Me").length, 0);
});

test("Apollo's cache forgets everything when somebody logs in or is thrown out", async () => {
  const browser = new Browser();
  const session = new Session(() => void client.cache.reset());
  const client = apollo.createClient(session, { uri: `${server.url}/graphql`, fetch: browser.fetch });
  const account = await new App("apollo", server).signUp();
  const { show, until } = seen();
  const page = client.watchQuery({ query: MeDocument }).subscribe(({ data, loading }) => { if (!loading) show(data?.me as Me); });
  await until((me) => me === null);

  const login = await new App("apollo", server, { browser }).login(account);
  session.begin(login.auth!);
  const me = await until((me) => me?.username === account.username);
  const { app } = await other(account);
  await app.mutate(RevokeSessionDocument, { input: { id: me!.sessions!.find((s) => s.current)!.id } });
  await client.query({ query: MeDocument, fetchPolicy: "network-only" });
  await until((me) => me === null);
  assert.doesNotMatch(JSON.stringify(client.extract()), new RegExp(account.username!));
  page.unsubscribe();
});

test("urql's cache asks again for what held a session that was revoked", async () => {
  const page = new App("urql", server);
  const elsewhere = await other(await page.signUp());
  const client = urql.createClient(page.session, { url: `${server.url}/graphql`, fetch: page.browser.fetch });
  const { show, until } = seen();
  const list = client.query(MeDocument, {}).subscribe(({ data }) => show(data?.me as Me));
  await until((me) => me?.sessions?.length === 2);
  await sender(client)(RevokeSessionDocument, { input: { id: elsewhere.id } });
  await until((me) => me?.sessions?.length === 1);
  list.unsubscribe();
});
