// The Next.js example as it is built, in front of a server of its own, whose access tokens are short.
import { spawn, spawnSync } from "node:child_process";
import { after } from "node:test";
import { fileURLToPath } from "node:url";
import { ended, freePort, heard, start } from "../program.mjs";

export { skip } from "../program.mjs";
export const password = "seven quiet lighthouses";
export const accessTTL = 3_000;
export const grace = 2_000;

const example = fileURLToPath(new URL("../../../examples/nextjs", import.meta.url));
const next = [`${example}/node_modules/next/dist/bin/next`];

// build is once, for a server that is not there yet: the build writes its URL down.
function build(env) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...next, "build"], { cwd: example, env, encoding: "utf8" });
  if (status !== 0) throw new Error(`next build: ${stdout}${stderr}`);
}

// run starts what was built.
async function run(env, port) {
  const app = spawn(process.execPath, [...next, "start", "-p", String(port), "-H", "localhost"], { cwd: example, env, stdio: ["ignore", "pipe", "inherit"] });
  after(() => ended(app));
  await heard(app, /Ready/);
}

// site is the app's URL and that of its server.
export async function site() {
  const [port, behind] = [await freePort(), await freePort()];
  const [url, server] = [`http://localhost:${port}`, `http://localhost:${behind}`];
  const env = { ...process.env, AUTHGRAPH_URL: server, SITE_URL: url, NEXT_TELEMETRY_DISABLED: "1" };
  build(env);
  await start({ after }, {
    LISTEN: `localhost:${behind}`, PUBLIC_URL: url, APP_URL: `${url}/private`, TRUSTED_PROXIES: "127.0.0.1,::1",
    LIMIT_SIGN_UP: "off", ACCESS_TTL: `${accessTTL}ms`, REFRESH_GRACE: `${grace}ms`,
  });
  await run(env, port);
  return { url, server };
}

// alone is the app while its server is away.
export async function alone() {
  const port = await freePort();
  const url = `http://localhost:${port}`;
  await run({ ...process.env, AUTHGRAPH_URL: "http://localhost:1", SITE_URL: url, NEXT_TELEMETRY_DISABLED: "1" }, port);
  return url;
}

// Browser is a browser's cookies, without a browser.
export class Browser {
  constructor(url, cookies = {}) {
    Object.assign(this, { url, cookies });
  }

  // ask keeps the cookies of the answer, unless it is lost.
  async ask(path, { lost = false, headers, ...options } = {}) {
    const cookie = Object.entries(this.cookies).map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(this.url + path, { redirect: "manual", ...options, headers: { ...headers, Cookie: cookie } });
    for (const line of lost ? [] : response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      const age = /; Max-Age=(\d+)/.exec(line)?.[1];
      this.cookies[name] = value;
      if (age === "0") delete this.cookies[name];
      else if (age) setTimeout(() => this.cookies[name] === value && delete this.cookies[name], age * 1000).unref();
    }
    return { status: response.status, headers: response.headers, text: (await response.text()).replaceAll("<!-- -->", "") };
  }

  async mutate(query) {
    const { text } = await this.ask("/graphql", { method: "POST", headers: { "Content-Type": "application/json", Origin: this.url }, body: JSON.stringify({ query }) });
    return JSON.parse(text).data;
  }
}

let count = 0;
// person is somebody who has just signed up, with the cookies of that.
export async function person(url) {
  const name = `next-${Date.now()}-${count++}`;
  const browser = new Browser(url);
  const { signUp } = await browser.mutate(`mutation { signUp(input: {username: "${name}", password: "${password}", session: {delivery: COOKIE}}) { auth { accessToken } } }`);
  return Object.assign(browser, { name, bearer: signUp.auth.accessToken });
}

export const pause = (ms) => new Promise((done) => { setTimeout(done, ms); });
