// The example as it is, and as a newcomer copies it: into the project that create-vite makes, with its own settings of tsc.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { everyKind } from "./apps";
import { example, root } from "./server";

const here = join(root, "test/clients");
const template = join(here, "node_modules/create-vite/template-react-ts");
const text = (...path: string[]) => readFileSync(join(...path), "utf8");

/** copied makes the project of the README. It lies below node_modules, which has all that it would install. */
function copied(client: string): string {
  const project = join(here, "dist", `template-${client}`);
  rmSync(project, { recursive: true, force: true });
  cpSync(template, project, { recursive: true });
  rmSync(join(project, "src"), { recursive: true });
  cpSync(join(example, "src"), join(project, "src"), { recursive: true });
  cpSync(join(example, "vite.config.ts"), join(project, "vite.config.ts"));
  const other = everyKind.find((kind) => kind !== client)!;
  rmSync(join(project, `src/client/${other}.ts`));
  const chooses = text(project, "src/client/index.ts");
  writeFileSync(join(project, "src/client/index.ts"), chooses.replace(/from "\.\/\w+"/, `from "./${client}"`));
  mkdirSync(join(project, "node_modules"));
  return project;
}

/** run runs a program of node_modules/.bin; rejects with what it said. */
const run = (project: string, program: string, ...args: string[]) =>
  promisify(execFile)(join(here, "node_modules/.bin", program), args, { cwd: project })
    .catch(({ stdout, stderr }) => assert.fail(`${program}:\n${stdout}${stderr}`));

for (const client of everyKind) {
  test(`the example builds with ${client} alone, in a fresh project of Vite`, async () => {
    const project = copied(client);
    await run(project, "tsc", "-b");
    await run(project, "vite", "build", "--logLevel", "warn");
  });
}

const json = (...path: string[]) => JSON.parse(text(...path));
const all = ({ dependencies, devDependencies }: Record<string, object>): Record<string, string> => ({ ...dependencies, ...devDependencies });

test("the compiler's options are those of the template, and say strict", () => {
  for (const file of ["tsconfig.json", "tsconfig.node.json"]) assert.equal(text(example, file), text(template, file));
  assert.equal(text(example, "tsconfig.app.json"), text(template, "tsconfig.app.json").replace('"skipLibCheck": true,', '"skipLibCheck": true,\n    "strict": true,'));
});

test("what the example is built with is what the template asks for, and what is tested here", () => {
  const { oxlint: _, ...wanted } = all(json(template, "package.json"));
  const pinned = all(json(example, "package.json"));
  const major = (version: string) => version.replace(/^[~^]/, "").split(".")[0];
  for (const [name, range] of Object.entries(wanted)) assert.equal(major(pinned[name] ?? ""), major(range), name);
  const { "@types/node": __, ...tested } = all(json(here, "package.json"));
  for (const [name, version] of Object.entries(pinned)) if (tested[name]) assert.equal(version, tested[name], name);
});
