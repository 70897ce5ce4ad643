// Opens pages in Chromium and watches what they do that they should not.
import assert from "node:assert/strict";
import { after } from "node:test";
import axe from "axe-core";
import { chromium } from "playwright-core";

export const base = (process.env.AUTHGRAPH_URL ?? "http://localhost:8080").replace(/\/$/, "");

// Every name but the server's own fails to resolve, as on a machine without a network.
// 127.0.0.1 is for servers that play another site.
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
    `--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE ${new URL(base).hostname}, EXCLUDE localhost, EXCLUDE 127.0.0.1`,
  ],
});
after(() => browser.close());

// open returns a page at path, in a browser context of its own that ends with
// the test, and fails the test if the page broke its policy, threw, or asked
// another origin than others for anything, or the server at another URL than at. With hostile, what is refused to a
// letter in its frame is no fault.
export async function open(t, path, options = {}) {
  const { width = 1280, height = 800, dark = false, scripts = true, hostile = false, at = base, locale = "en-US", others = [], before } = options;
  const context = await browser.newContext({
    viewport: { width, height }, colorScheme: dark ? "dark" : "light", javaScriptEnabled: scripts, locale,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const faults = [];
  page.on("pageerror", (e) => faults.push(`threw: ${e.message}`));
  page.on("request", (r) => {
    if (others.includes(new URL(r.url()).origin)) return;
    if (!hostile && r.url() !== at && !r.url().startsWith(`${at}/`) && !/^(data|blob|about):/.test(r.url())) faults.push(`asked ${r.url()}`);
  });
  page.on("console", (m) => {
    if (!hostile && /Content Security Policy/i.test(m.text())) faults.push(m.text());
  });
  await page.exposeFunction("reportViolation", (what) => faults.push(`policy: ${what}`));
  await page.addInitScript(() => addEventListener("securitypolicyviolation",
    (e) => window.reportViolation(`${e.violatedDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber}`)));
  t.after(async () => {
    await context.close();
    assert.deepEqual(faults, []);
  });
  await before?.(page);
  await page.goto(at + path);
  return page;
}

// stored is all that the page's browser context keeps.
export async function stored(page) {
  const kept = await page.evaluate(async () => ({
    local: Object.entries(localStorage),
    session: Object.entries(sessionStorage),
    databases: (await indexedDB.databases()).map((d) => d.name),
    caches: await caches.keys(),
    workers: (await navigator.serviceWorker.getRegistrations()).length,
  }));
  return { ...kept, cookies: await page.context().cookies() };
}

export const nothing = { local: [], session: [], databases: [], caches: [], workers: 0, cookies: [] };

// assertAccessible runs axe's rules for WCAG 2.2 A and AA, and wants no need to
// scroll sideways.
export async function assertAccessible(page, part = ":root") {
  await page.evaluate(axe.source);
  const broken = await page.evaluate(async (within) => {
    const { violations } = await window.axe.run(within, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], iframes: false,
    });
    return violations.map((v) => `${v.id}: ${v.nodes.map((n) => `${n.target} ${n.failureSummary}`).join("; ")}`);
  }, part);
  assert.deepEqual(broken, []);
  const [width, room] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  assert.ok(width <= room, `the page is ${width} wide in a window of ${room}`);
}

// looks are the ways in which every page must be fit to be used.
export const looks = [
  { name: "light and wide", dark: false, width: 1280 },
  { name: "light and narrow", dark: false, width: 320 },
  { name: "dark and wide", dark: true, width: 1280 },
  { name: "dark and narrow", dark: true, width: 320 },
];

// answers has the endpoint answer with a field's payload, or with whatever else.
export const answers = (reply) => (page) => page.route("**/graphql", (route) => (
  typeof reply === "function" ? reply(route) : route.fulfill({ json: reply })));
export const refuses = (field, ...errors) => ({ data: { [field]: { auth: null, errors: errors.map((e) => ({ message: "m", field: null, ...e })) } } });
export const fails = (extensions) => ({ errors: [{ message: "m", extensions }], data: null });

// elsewhere is a browser that did not sign up and is not logged in: the page
// about an address gets on with a password only, which is answered with reply.
export const elsewhere = (reply) => answers((route) => {
  const { query, variables } = JSON.parse(route.request().postData());
  const { password, newPassword } = variables?.input ?? {};
  if (query.includes("RefreshSession")) return route.fulfill({ json: refuses("refresh", { code: "INVALID_TOKEN" }) });
  if (query.includes("confirm(") && !password && !newPassword) return route.fulfill({ json: refuses("confirm", { code: "REQUIRED", field: ["password"] }) });
  return typeof reply === "function" ? reply(route) : route.fulfill({ json: reply });
});

// pathOf is a link from the mailbox without its origin, for open.
export const pathOf = (link) => link.slice(new URL(link).origin.length);
