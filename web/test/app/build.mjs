// Builds the example once for each client, for the tests beside it: the import that chooses the client leads to the file.
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

export const example = fileURLToPath(new URL("../../../examples/react", import.meta.url));
export const clients = ["urql", "apollo"];

const { build } = await import(createRequire(`${example}/`).resolve("vite"));
for (const client of clients) {
  await build({
    root: example, logLevel: "error",
    resolve: { alias: [{ find: /^\.{1,2}\/client$/, replacement: `${example}/src/client/${client}.ts` }] },
    build: { outDir: `dist/${client}`, emptyOutDir: true, chunkSizeWarningLimit: 1000 },
  });
}
