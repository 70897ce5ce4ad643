// Builds dist/ from main.tsx and examples/react with the npm packages that examples/react's lock file pins, or with --check
// says whether dist/ is what they build to, byte for byte. The compressor is the playground's.
//
//   (cd examples/react && npm ci) && (cd web/playground && npm ci) && node web/hosted/build.mjs
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const example = join(here, "../../examples/react");
const dist = join(here, "dist");
const maxBytes = 150_000;

const fromExample = createRequire(`${example}/package.json`);
const { build } = await import(fromExample.resolve("vite"));
const { gzipSync, strToU8 } = createRequire(join(here, "../playground/package.json"))("fflate");

// The versions that are installed must be those of the lock file, else the bundle would not be reproducible.
function checkInstalled() {
  const { packages } = JSON.parse(readFileSync(join(example, "package-lock.json"), "utf8"));
  for (const [path, { version, optional }] of Object.entries(packages)) {
    if (path === "" || optional) continue;
    const installed = JSON.parse(readFileSync(join(example, path, "package.json"), "utf8")).version;
    if (installed !== version) throw new Error(`${path} is ${installed}, the lock file says ${version}: run npm ci`);
  }
}

async function vite(rolldownOptions, plugins = []) {
  const { output } = await build({
    root: example, configFile: false, logLevel: "error", plugins,
    // React is imported from outside of the example too.
    resolve: { dedupe: ["react", "react-dom"] },
    oxc: { jsx: { runtime: "automatic" } },
    build: { write: false, modulePreload: false, assetsInlineLimit: 0, target: "es2022", chunkSizeWarningLimit: 1000, rolldownOptions },
  });
  return output;
}

// The words are no part of the script: it imports those that lie beside it, in a folder for each language.
const wordsApart = {
  name: "words-apart",
  enforce: "pre",
  resolveId: (source) => /\/words$/.test(source) ? { id: "./words.js", external: true } : null,
};

// bundle answers script, style sheet and the packages that are in the script.
async function bundle() {
  const output = await vite({ input: join(here, "main.tsx"), output: { entryFileNames: "app.js", assetFileNames: "app[extname]" } }, [wordsApart]);
  const script = output.find(({ fileName }) => fileName === "app.js");
  const style = output.find(({ fileName }) => fileName === "app.css");
  if (output.length !== 2) throw new Error(`vite made ${output.map(({ fileName }) => fileName)}`);
  const packages = script.moduleIds.map((id) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1]).filter(Boolean);
  return { script: script.code, style: String(style.source), packages: [...new Set(packages)].sort() };
}

// words answers the words of each language, by its tag.
async function words() {
  const translations = readdirSync(join(here, "words")).map((file) => [file.replace(".ts", ""), join(here, "words", file)]);
  const input = { en: join(example, "src/words.ts"), ...Object.fromEntries(translations) };
  const output = await vite({ input, preserveEntrySignatures: "strict", output: { entryFileNames: "[name]" } });
  if (output.length !== Object.keys(input).length) throw new Error(`vite made ${output.map(({ fileName }) => fileName)}`);
  return output.map(({ fileName, code }) => [fileName, code]).sort();
}

function licences(packages) {
  const out = ["The pages consist of these works, and of what is in examples/react and web/hosted of authgraph itself.\n"];
  for (const name of packages) {
    const folder = join(example, "node_modules", name);
    const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const file = readdirSync(folder).sort().find((f) => /^licen[cs]e/i.test(f));
    const text = file ? readFileSync(join(folder, file), "utf8").replace(/\r\n/g, "\n").trim() : `Licence: ${license}`;
    out.push(`${"=".repeat(72)}\n${name} ${version} (${license})\n\n${text}\n`);
  }
  return out.join("\n");
}

checkInstalled();
execFileSync(process.execPath, [join(example, "node_modules/typescript/bin/tsc"), "-p", here], { stdio: "inherit" });
const { script, style, packages } = await bundle();
const zipped = (text) => Buffer.from(gzipSync(strToU8(text), { level: 9, mem: 12, mtime: 0 }));
const said = (await words()).map(([tag, code]) => [`words.${tag}.js.gz`, zipped(code)]);
const files = {
  "app.css.gz": zipped(style),
  "app.js.gz": zipped(script),
  "documents.json": readFileSync(join(example, "src/gql/persisted-documents.json")), // what the pages send
  "licences.txt.gz": zipped(licences(packages)),
  ...Object.fromEntries(said),
};
const size = files["app.js.gz"].length + files["app.css.gz"].length + Math.max(...said.map(([, bytes]) => bytes.length));
if (size > maxBytes) throw new Error(`the pages are ${size} bytes compressed, at most ${maxBytes} are allowed`);

if (process.argv.includes("--check")) {
  const have = readdirSync(dist).sort().join(" ");
  if (have !== Object.keys(files).join(" ")) throw new Error(`dist holds ${have}`);
  for (const [name, bytes] of Object.entries(files)) {
    if (!readFileSync(join(dist, name)).equals(bytes)) throw new Error(`dist/${name} is not what the lock file builds to: node web/hosted/build.mjs`);
  }
  console.log("dist is what the lock file builds to");
} else {
  rmSync(dist, { recursive: true, force: true });
  mkdirSync(dist);
  for (const [name, bytes] of Object.entries(files)) {
    writeFileSync(join(dist, name), bytes);
    console.log(`${name}\t${bytes.length}`);
  }
}
