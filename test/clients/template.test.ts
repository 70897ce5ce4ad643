// The examples as a newcomer copies them: into the project that create-vite makes, with its own settings of tsc.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { everyKind } from "./apps";
import { examples, root } from "./server";

const here = join(root, "test/clients");

/** copied makes the project of examples/README.md. It lies below node_modules, which has all that it would install. */
function copied(client: string): string {
  const project = join(here, "dist", `template-${client}`);
  rmSync(project, { recursive: true, force: true });
  cpSync(join(here, "node_modules/create-vite/template-react-ts"), project, { recursive: true });
  const own = ["session.ts", "errors.ts", "confirmation.ts", "passkey.ts", "provider.ts", "operations.graphql", "codegen.ts", "gql", "react", client];
  for (const name of own) cpSync(join(examples, name), join(project, "src", name), { recursive: true });
  const [, app] = /^```tsx\n(.*?)^```$/ms.exec(readFileSync(join(examples, client, "README.md"), "utf8")) ?? [];
  assert.ok(app, "README.md shows App.tsx");
  writeFileSync(join(project, "src/App.tsx"), app);
  mkdirSync(join(project, "node_modules"));
  return project;
}

/** run runs a program of node_modules/.bin; rejects with what it said. */
const run = (project: string, program: string, ...args: string[]) =>
  promisify(execFile)(join(here, "node_modules/.bin", program), args, { cwd: project })
    .catch(({ stdout, stderr }) => assert.fail(`${program}:\n${stdout}${stderr}`));

for (const client of everyKind) {
  test(`the examples for ${client} build in a fresh project of Vite`, async () => {
    const project = copied(client);
    await run(project, "tsc", "-b");
    await run(project, "vite", "build", "--logLevel", "warn");
  });
}

test("what the project is built with here is what the template asks for", () => {
  const json = (file: string) => JSON.parse(readFileSync(join(here, file), "utf8"));
  const { dependencies, devDependencies } = json("node_modules/create-vite/template-react-ts/package.json");
  const { oxlint: _, "@types/node": __, ...wanted }: Record<string, string> = { ...dependencies, ...devDependencies };
  for (const [name, range] of Object.entries(wanted)) {
    const major = (version: string) => version.replace(/^[~^]/, "").split(".")[0];
    assert.equal(major(json(`node_modules/${name}/package.json`).version), major(range), name);
  }
});
