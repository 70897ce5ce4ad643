// A profile with fields of the operator's: the same types from `authgraph schema` and from introspection, under tsc --strict.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { CodegenConfig } from "@graphql-codegen/cli";
import { assertValidSchema, buildClientSchema, buildSchema, getIntrospectionQuery, lexicographicSortSchema, printSchema, type GraphQLSchema } from "graphql";
import { generated, write } from "./generate";
import { binary, root, serve, type Server } from "./server";

const file = join(root, "cmd/authgraph/testdata/profile.graphqls");
const sorted = (schema: GraphQLSchema) => printSchema(lexicographicSortSchema(schema));

let server: Server;
before(async () => { server = await serve({ AUTHGRAPH_PROFILE: file }); });
after(() => server.stop());

const printed = () => execFileSync(binary, ["schema"], { encoding: "utf8", env: { AUTHGRAPH_PROFILE: file } });

test("introspection tells what the command prints", async () => {
  const schema = buildSchema(printed());
  assertValidSchema(schema);
  const response = await fetch(`${server.url}/graphql`, {
    method: "POST", headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ query: getIntrospectionQuery({ specifiedByUrl: true, inputValueDeprecation: true }) }),
  });
  const { data } = await response.json() as { data: Parameters<typeof buildClientSchema>[0] };
  assert.equal(sorted(buildClientSchema(data)), sorted(schema));
});

/** As examples/react/codegen.ts maps them. */
const scalars = {
  DateTime: "string",
  ...Object.fromEntries([
    "PublicKeyCredentialCreationOptionsJSON", "PublicKeyCredentialRequestOptionsJSON", "RegistrationResponseJSON", "AuthenticationResponseJSON",
  ].map((name) => [name, name])),
};

test("the profile has types, which tsc --strict checks", async () => {
  const folder = join(root, "test/clients/dist/profile");
  const plugins: CodegenConfig = { generates: { "types.ts": { plugins: ["typescript"], config: { scalars, strictScalars: true } } } };
  const files = await generated([`${server.url}/graphql`], plugins);
  await write(files, folder);
  await writeFile(join(folder, "use.ts"), `
import { type Profile, type ProfileInput, type SignUpInput, Interest } from "./types";
export const input: ProfileInput = { displayName: "Ann", birthYear: 1990, interests: [Interest.Art], terms: true };
export const signUp: Pick<SignUpInput, "profile"> = { profile: input };
export const year = (p: Profile): number | null | undefined => p.birthYear;
// @ts-expect-error a text is no number
export const wrong: ProfileInput = { birthYear: "1990" };
// @ts-expect-error set by billing
export const closed: ProfileInput = { plan: "PRO" };
// @ts-expect-error for staff
export const hidden = (p: Profile) => p.note;
`);
  const tsc = join(root, "test/clients/node_modules/.bin/tsc");
  const strict = ["--ignoreConfig", "--strict", "--noEmit", "--skipLibCheck", "--target", "es2022", "--module", "esnext", "--moduleResolution", "bundler"];
  execFileSync(tsc, [...strict, join(folder, "use.ts")], { stdio: ["ignore", "inherit", "inherit"] });
  assert.ok(files["types.ts"]);
});
