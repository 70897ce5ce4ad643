// The contract as programs read it: one schema from the file, the command and introspection, and nothing taken away.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { CriticalityLevel, diff, type Rule } from "@graphql-inspector/core";
import {
  assertValidSchema, buildClientSchema, buildSchema, getIntrospectionQuery, isEnumType, isInputObjectType, isInterfaceType, isObjectType,
  lexicographicSortSchema, parse, print, printSchema, type GraphQLSchema,
} from "graphql";
import { binary, root, serve, type Server } from "./server";
import { sdl } from "./sources";

const schema = buildSchema(sdl);
const sorted = (s: GraphQLSchema) => printSchema(lexicographicSortSchema(s));

let server: Server;
before(async () => { server = await serve(); });
after(() => server.stop());

test("the schema is valid", () => assertValidSchema(schema));

test("authgraph schema prints the files, descriptions and directives included", () => {
  const printed = execFileSync(binary, ["schema"], { encoding: "utf8" });
  assert.equal(print(parse(printed)), print(parse(sdl)));
});

test("introspection tells the same types, fields, defaults, directives and descriptions", async () => {
  const query = getIntrospectionQuery({
    descriptions: true, specifiedByUrl: true, directiveIsRepeatable: true, schemaDescription: true, inputValueDeprecation: true, oneOf: true,
  });
  const response = await fetch(`${server.url}/graphql`, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ query }),
  });
  const { data, errors } = await response.json() as { data: Parameters<typeof buildClientSchema>[0]; errors?: unknown };
  assert.equal(errors, undefined);
  const introspected = buildClientSchema(data);
  assertValidSchema(introspected);
  assert.equal(sorted(introspected), sorted(schema));
});

/** Changes of the contract that a front end made for the old one would notice. */
async function broken(old: string, now: string): Promise<string[]> {
  // The directives of a field say who may call it, and a default is what a call means: only @deprecated may come,
  // and @setup, which lets in more callers than before.
  const meanings: Rule = ({ changes }) => changes.map((change) =>
    change.criticality.level === CriticalityLevel.Dangerous && /^DIRECTIVE_USAGE_|_DEFAULT_/.test(change.type) && !change.message.includes("deprecated") && !change.message.startsWith("Directive 'setup' was added")
      ? { ...change, criticality: { level: CriticalityLevel.Breaking } }
      : change);
  const changes = await diff(buildSchema(old), buildSchema(now), [meanings]);
  return changes.filter((change) => change.criticality.level === CriticalityLevel.Breaking).map((change) => change.message);
}

// baseline.graphqls is what was released. A release, and nothing else, copies schema.graphqls over it.
test("nothing breaks front ends that were made for the last release", async () => {
  assert.deepEqual(await broken(readFileSync(join(root, "test/clients/baseline.graphqls"), "utf8"), sdl), []);
});

test("the comparison sees what would break them, and nothing else", async () => {
  const edit = (from: string, to: string) => {
    assert.ok(sdl.includes(from), from);
    return broken(sdl, sdl.replace(from, to));
  };
  for (const [from, to] of [
    ["expiresIn: Int!", "expiresIn: Int"],
    ["  refreshToken: String\n  \"When", "  successor: String\n  \"When"],
    ["  LIMIT_REACHED", "  QUOTA"],
    ["deviceName: String\n}", "deviceName: String!\n}"],
    ["delivery: TokenDelivery! = BODY", "delivery: TokenDelivery! = COOKIE"],
    ["authConfig: AuthConfig! @public", "authConfig: AuthConfig!"],
    ["UpdateAccountInput!): UpdateAccountPayload!", "UpdateAccountInput!): UpdateAccountPayload! @recent"],
  ] as const) assert.notDeepEqual(await edit(from, to), [], to);
  for (const [from, to] of [
    ["  NOT_FOUND", "  NOT_FOUND\n  OTHER"],
    ["  hint: String!", '  hint: String! @deprecated(reason: "Until 2027-01-01.")\n  begin: String!'],
    ["type Mutation {", "type Mutation {\n  other(input: LoginInput!): LoginPayload! @public"],
  ] as const) assert.deepEqual(await edit(from, to), [], to);
});

test("every mutation answers with a payload of its own, and it has errors", () => {
  for (const { name, type } of Object.values(schema.getMutationType()!.getFields())) {
    assert.equal(String(type), `${name[0]!.toUpperCase()}${name.slice(1)}Payload!`);
    const payload = schema.getType(String(type).slice(0, -1));
    assert.ok(isObjectType(payload) && payload.getInterfaces().some((i) => i.name === "AuthPayload"), String(type));
  }
});

test("every field of an input and every argument but `input` is described; what is deprecated says until when", () => {
  for (const type of Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith("__"))) {
    const members: { name: string; description?: unknown; deprecationReason?: string | null }[] =
      isEnumType(type) ? [...type.getValues()]
        : isInputObjectType(type) ? Object.values(type.getFields())
          : isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()).flatMap((field) => [field, ...field.args]) : [];
    for (const { name, description, deprecationReason } of members) {
      assert.ok(description || name === "input", `${type.name}.${name}`);
      if (deprecationReason != null) assert.match(deprecationReason, /\d{4}-\d{2}-\d{2}/, `${type.name}.${name}`);
    }
  }
});
