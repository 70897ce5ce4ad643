// A server that runs registered documents only, started with the manifest that code generation wrote for the example.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { App, everyKind, newStore } from "./apps";
import { rename } from "./documents";
import { example, serve, type Server } from "./server";

const manifest = join(example, "src/gql/persisted-documents.json");
const documents: Record<string, string> = JSON.parse(readFileSync(manifest, "utf8"));

let server: Server;
before(async () => { server = await serve({ AUTHGRAPH_TRUSTED_DOCUMENTS: manifest }); });
after(() => server.stop());

for (const kind of everyKind) {
  describe(kind, () => {
    test("logs in, refreshes and logs out by the names of documents alone", async () => {
      const app = new App(kind, server, { registered: true });
      const account = await app.signUp();
      assert.equal((await app.login(account)).status, "LOGGED_IN");
      assert.equal((await app.me())?.username, account.username);
      app.session.accessToken = "spoiled";
      assert.equal((await app.me())?.username, account.username);
      assert.deepEqual((await app.logout()).errors, []);
      assert.equal(await app.me(), null);
      for (const { method, params } of app.browser.calls) {
        assert.equal(params.query, undefined);
        assert.ok(params.extensions?.persistedQuery?.sha256Hash! in documents);
        assert.ok(method === "POST" || method === "GET");
      }
    });

    test("is refused anything else", async () => {
      const app = new App(kind, server, { store: newStore() });
      await assert.rejects(app.mutate(rename, {}), /DOCUMENT_NOT_TRUSTED/);
    });
  });
}

interface Answer { data?: { me: unknown } | null; errors?: { extensions: { code: string } }[] }

async function post(body: object): Promise<Answer> {
  const response = await fetch(`${server.url}/graphql`, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
  });
  return await response.json() as Answer;
}

const [id = "", text = ""] = Object.entries(documents).find(([, document]) => document.startsWith("query Me")) ?? [];

test("a registered document runs by documentId, with and without the prefix, by hash, and by its very text", async () => {
  const hash = { version: 1, sha256Hash: id };
  for (const body of [{ documentId: id }, { extensions: { persistedQuery: hash } }, { query: text }, { query: text, extensions: { persistedQuery: hash } }]) {
    assert.deepEqual(await post(body), { data: { me: null, __typename: "Query" } });
  }
});

test("what is not registered does not run", async () => {
  for (const body of [
    { documentId: id.replace(/.$/, (last) => (last === "0" ? "1" : "0")) },
    { query: `${text} ` },
    { query: "{ me { id } }", documentId: id },
    { query: "{ __typename }" },
    { query: "{ __schema { queryType { name } } }" },
  ]) {
    const { data, errors } = await post(body);
    assert.equal(data, undefined, JSON.stringify(body));
    assert.deepEqual(errors?.map((e) => e.extensions.code), ["DOCUMENT_NOT_TRUSTED"], JSON.stringify(body));
  }
});
