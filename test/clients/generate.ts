// Code generation with the examples' own settings: npm run generate writes examples/react/src/gql.
import { readFileSync } from "node:fs";
import { writeFile, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { disableFragmentWarnings } from "@apollo/client";
import { generate, type CodegenConfig } from "@graphql-codegen/cli";
import settings from "../../examples/react/codegen";
import { example, root } from "./server";
import { sdlFiles } from "./sources";

disableFragmentWarnings(); // the same documents are read several times

/** Path below the example to content. */
export type Generated = Record<string, string>;

/** generated runs the settings on a schema: files, or the address of a server. */
export async function generated(schema: string[], config: CodegenConfig = settings): Promise<Generated> {
  const files: { filename: string; content: string }[] = await generate({
    // Plugins are looked for below cwd.
    ...config, schema, documents: join(example, "src/operations.graphql"), cwd: join(root, "test/clients"), silent: true,
  }, false);
  return Object.fromEntries(files.map(({ filename, content }) => [filename, content]));
}

/** committed are the same files as they are in the repository. */
export function committed(files: Generated): Generated {
  return Object.fromEntries(Object.keys(files).map((name) => [name, readFileSync(join(example, name), "utf8")]));
}

export async function write(files: Generated, folder: string): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
}

if (require.main === module) generated(sdlFiles).then((files) => write(files, example));
