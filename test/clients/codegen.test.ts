// Types from the schema: the same from the file and from a running server, and clean under tsc --strict.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { CodegenConfig } from "@graphql-codegen/cli";
import settings from "../../examples/react/codegen";
import { committed, generated, write } from "./generate";
import { root, serve, type Server } from "./server";
import { sdlFiles } from "./sources";

let server: Server;
before(async () => { server = await serve(); });
after(() => server.stop());

const fromServer = () => [`${server.url}/graphql`];

const config = { scalars: settings.generates["src/gql/"].config.scalars, strictScalars: true };

/** What Apollo's handbook advises instead of the client preset; and all types of the schema. */
const plugins: CodegenConfig = {
  generates: {
    "types.ts": { plugins: ["typescript"], config },
    "documents.ts": { plugins: ["typescript-operations", "typed-document-node"], config },
  },
};

test("the client preset makes the same of the file and of introspection, and that is committed", async () => {
  const files = await generated(sdlFiles);
  assert.deepEqual(Object.keys(files).sort(), ["src/gql/gql.ts", "src/gql/graphql.ts", "src/gql/index.ts", "src/gql/persisted-documents.json"]);
  assert.deepEqual(await generated(fromServer()), files);
  assert.deepEqual(committed(files), files, "run npm run generate");
});

test("the manifest names documents by their SHA-256", async () => {
  const { "src/gql/persisted-documents.json": manifest = "" } = await generated(sdlFiles);
  const documents = Object.entries<string>(JSON.parse(manifest));
  assert.ok(documents.length >= 5);
  for (const [id, text] of documents) assert.equal(id, `sha256:${createHash("sha256").update(text).digest("hex")}`);
});

test("typed-document-node makes the same of both, clean under tsc --strict", async () => {
  const files = await generated(sdlFiles, plugins);
  const introspected = await generated(fromServer(), plugins);
  // The typescript plugin takes comments of scalars from the syntax tree, which introspection has none of.
  const comment = new RegExp(`\\n *\\/\\*\\* .* \\*\\/(?=\\n  (${Object.keys(config.scalars).join("|")}): )`, "g");
  assert.match(files["types.ts"] ?? "", comment);
  assert.deepEqual(introspected, { ...files, "types.ts": files["types.ts"]?.replace(comment, "") });
  assert.match(files["documents.ts"] ?? "", /MeDocument/);
  assert.match(files["types.ts"] ?? "", /PERSISTED_QUERY_NOT_FOUND/, "the codes of top-level errors are known to generators");

  const folder = join(root, "test/clients/dist/generated");
  await write(files, folder);
  const strict = ["--strict", "--noEmit", "--skipLibCheck", "--target", "es2022", "--module", "esnext", "--moduleResolution", "bundler"];
  const tsc = join(root, "test/clients/node_modules/.bin/tsc");
  execFileSync(tsc, ["--ignoreConfig", ...strict, ...Object.keys(files).map((name) => join(folder, name))], { stdio: ["ignore", "inherit", "inherit"] });
});
