// Queries by hash and by GET, as Apollo's link and urql's exchange send them.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { createHash } from "node:crypto";
import { LoginDocument } from "../../examples/react/src/gql/graphql";
import { App, everyKind } from "./apps";
import { Browser, type Call } from "./browser";
import { ask, rename } from "./documents";
import { serve, type Server } from "./server";

let server: Server;
before(async () => { server = await serve(); });
after(() => server.stop());

const hashOf = (call: Call) => call.params.extensions?.persistedQuery?.sha256Hash;

/** What went over the line: the method, and whether hash and text were sent. */
const lines = (calls: Call[]) => calls.map((call) =>
  [call.method, hashOf(call) && "hash", call.params.query && "text"].filter(Boolean).join(" "));

for (const kind of everyKind) {
  describe(kind, () => {
    test("the server learns a query once, and then answers it by GET and hash", async () => {
      const question = ask(`Learned_${kind}`);
      const first = new App(kind, server);
      await first.query(question, {});
      const asked = first.browser.calls.filter((call) => call.operation !== "Refresh");
      assert.equal(asked.length, 2);
      assert.equal(lines(asked)[0], "GET hash");
      assert.match(lines(asked)[1]!, /^(GET|POST) hash text$/);

      const second = new App(kind, server);
      await second.signUp();
      second.browser.calls.length = 0;
      assert.ok((await second.query(question, {})).me);
      assert.deepEqual(lines(second.browser.calls), ["GET hash"]);
      assert.equal(hashOf(second.browser.calls[0]!), hashOf(asked[0]!));
      assert.match(second.browser.calls[0]!.response!.headers.get("Cache-Control") ?? "", /no-store/);
    });

    test("a refused bearer is renewed for a query by GET as well", async () => {
      const app = new App(kind, server);
      const account = await app.signUp();
      await app.me();
      app.session.accessToken = "spoiled";
      app.browser.calls.length = 0;
      assert.equal((await app.me())?.username, account.username);
      assert.deepEqual(lines(app.browser.calls), ["GET hash", "POST text", "GET hash"]);
    });

    test("a mutation goes by POST, with its text", async () => {
      const app = new App(kind, server);
      await app.signUp();
      app.browser.calls.length = 0;
      await app.mutate(rename, {});
      assert.deepEqual(lines(app.browser.calls), ["POST text"]);
    });
  });
}

test("Apollo's link as it comes, mutations and all, is served too", async () => {
  const browser = new Browser();
  const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
  const client = new ApolloClient({
    cache: new InMemoryCache(),
    link: ApolloLink.from([new PersistedQueryLink({ sha256 }), new HttpLink({ uri: `${server.url}/graphql`, fetch: browser.fetch })]),
  });
  for (let i = 0; i < 2; i++) {
    const { data } = await client.mutate({ mutation: LoginDocument, variables: { input: { username: "nobody", password: "at all" } } });
    assert.equal(data?.login.status, "REFUSED");
  }
  // The server keeps queries only.
  assert.deepEqual(lines(browser.calls), ["POST hash", "POST hash text", "POST hash", "POST hash text"]);
});
