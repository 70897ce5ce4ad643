// Builds dist/ from the npm packages that package-lock.json pins, or with
// --check says whether dist/ is what they build to, byte for byte.
//
//   npm ci && npm run build
//   npm ci && npm run check
//
// The packages' ready files are used as they are, but for two cuts: GraphiQL's
// embedded fonts (two thirds of its style sheet; the page uses the system's
// fonts and so needs no font-src) and the pointer to its source map. They are
// compressed by a pinned compressor in JavaScript: zlib differs from one
// release of Node to the next.
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync, strToU8 } from "fflate";

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, "node_modules");
const dist = join(here, "dist");
const maxBytes = 1_500_000;

const read = (path) => readFileSync(join(modules, path), "utf8");
const withoutFonts = (css) => css.replace(/@font-face\s*\{[^}]*\}\s*/g, "");
const withoutSourceMap = (js) => js.replace(/\n\/\/# sourceMappingURL=.*\s*$/, "\n");

// The versions that are installed must be those of the lock file, else the
// bundle would not be reproducible.
function checkInstalled(lock) {
  for (const [path, { version, optional }] of Object.entries(lock.packages)) {
    if (path === "" || optional) continue;
    const installed = JSON.parse(readFileSync(join(here, path, "package.json"), "utf8")).version;
    if (installed !== version) throw new Error(`${path} is ${installed}, the lock file says ${version}: run npm ci`);
  }
}

// GraphiQL's ready file contains its dependencies, whose licences ask to be
// passed on with it.
function licences(lock) {
  const out = ["The playground consists of these works, and of what is below web/playground in authgraph itself.\n"];
  for (const path of Object.keys(lock.packages).filter((p) => p !== "" && !lock.packages[p].dev).sort()) {
    const { name, version, license } = JSON.parse(readFileSync(join(here, path, "package.json"), "utf8"));
    const file = readdirSync(join(here, path)).sort().find((f) => /^licen[cs]e/i.test(f));
    const text = file ? readFileSync(join(here, path, file), "utf8").replace(/\r\n/g, "\n").trim() : `Licence: ${license}`;
    out.push(`${"=".repeat(72)}\n${name} ${version} (${license})\n\n${text}\n`);
  }
  return out.join("\n");
}

function build() {
  const lock = JSON.parse(readFileSync(join(here, "package-lock.json"), "utf8"));
  checkInstalled(lock);
  const css = withoutFonts(read("graphiql/graphiql.min.css"));
  if (/url\((?!["']?data:image\/)/.test(css)) throw new Error("the style sheet loads something");
  const files = {
    "react.js": read("react/umd/react.production.min.js"),
    "react-dom.js": read("react-dom/umd/react-dom.production.min.js"),
    "graphiql.js": withoutSourceMap(read("graphiql/graphiql.min.js")),
    "graphiql.css": css,
    "licences.txt": licences(lock),
  };
  return Object.entries(files).map(([name, text]) => {
    const bytes = gzipSync(strToU8(text), { level: 9, mem: 12, mtime: 0 });
    if (bytes.length > maxBytes) throw new Error(`${name} is ${bytes.length} bytes compressed`);
    return [`${name}.gz`, bytes];
  });
}

function write(files) {
  rmSync(dist, { recursive: true, force: true });
  mkdirSync(dist);
  for (const [name, bytes] of files) {
    writeFileSync(join(dist, name), bytes);
    console.log(`${name}\t${bytes.length}`);
  }
}

function check(files) {
  const want = files.map(([name]) => name).sort().join(" ");
  const have = readdirSync(dist).sort().join(" ");
  if (have !== want) throw new Error(`dist holds ${have}, not ${want}`);
  for (const [name, bytes] of files) {
    if (!readFileSync(join(dist, name)).equals(bytes)) throw new Error(`dist/${name} is not what the lock file builds to: npm run build`);
  }
  console.log("dist is what the lock file builds to");
}

const files = build();
process.argv.includes("--check") ? check(files) : write(files);
