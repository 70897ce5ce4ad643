// The development mailbox in a real browser.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { test } from "node:test";
import { signUp } from "./api.mjs";
import { assertAccessible, looks, nothing, open, stored } from "./browser.mjs";

const caught = (n, more) => ({
  id: `l${n}`, to: `ann${n}@example.org`, subject: `Subject ${n}`, letter: "confirm", at: `2026-11-21T18:0${n}:00Z`,
  token: `token-${n}`, link: `https://auth.example/confirm#token=token-${n}&email=ann${n}%40example.org`, text: `Text ${n}`, html: "", ...more,
});

// serve has the page find these letters; the array may change meanwhile.
const serve = (letters) => (page) => page.route("**/dev/mailbox.json", (route) => route.fulfill({ json: letters }));

const rows = (page) => page.locator("nav button .to").allInnerTexts();

test("an empty mailbox says how to fill it, and fills by itself", async (t) => {
  const letters = [];
  const page = await open(t, "/dev/mailbox", { before: serve(letters) });
  await page.getByText("No e-mails yet").waitFor();
  letters.unshift(caught(1));
  await page.getByRole("heading", { name: "Subject 1" }).waitFor();
  assert.equal(await page.getByText("No e-mails yet").isVisible(), false);
  letters.unshift(caught(2));
  await page.getByRole("heading", { name: "Subject 2" }).waitFor();
  assert.deepEqual(await rows(page), ["ann2@example.org", "ann1@example.org"]);
  assert.equal(await page.title(), "Mailbox (2)");
});

test("a letter that was chosen stays open when another arrives", async (t) => {
  const letters = [caught(2), caught(1)];
  const page = await open(t, "/dev/mailbox", { before: serve(letters) });
  await page.locator("nav button", { hasText: "ann1" }).click();
  letters.unshift(caught(3));
  await page.locator("nav button", { hasText: "ann3" }).waitFor();
  await page.getByRole("heading", { name: "Subject 1" }).waitFor();
});

test("link and token can be copied", async (t) => {
  const page = await open(t, "/dev/mailbox", { before: serve([caught(1)]) });
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  for (const [name, want] of [["Copy link", caught(1).link], ["Copy token", caught(1).token]]) {
    await page.getByRole("button", { name }).click();
    await page.getByText("Copied").waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), want);
    await page.waitForFunction(() => !document.body.innerText.includes("Copied"));
  }
  assert.equal(await page.getByRole("link", { name: "Open" }).getAttribute("href"), caught(1).link);
});

test("a letter's markup stays in its frame and can do nothing", async (t) => {
  const evil = caught(1, {
    subject: "<img src=x onerror=\"parent.pwned = 1\">", to: "<b>x</b>@example.org", link: "javascript:parent.pwned=1",
    html: `<!doctype html><style>p { color: rgb(1, 2, 3) }</style><p style="font-weight: 700">Hi</p>
      <a href="https://auth.example/confirm#token=token-1">Confirm</a>`,
  });
  const page = await open(t, "/dev/mailbox", { before: serve([evil]) });
  const frame = page.frameLocator("iframe");
  assert.equal(await frame.locator("p").evaluate((p) => getComputedStyle(p).color), "rgb(1, 2, 3)");
  assert.equal(await frame.locator("p").evaluate((p) => getComputedStyle(p).fontWeight), "700");
  assert.equal(await frame.locator("a").getAttribute("target"), "_blank");
  const sandbox = await page.locator("iframe").getAttribute("sandbox");
  assert.doesNotMatch(sandbox, /allow-(scripts|same-origin|forms|top-navigation)/);
  assert.equal(await page.getByRole("link", { name: "Open" }).count(), 0, "a link that is no web page");
  await page.getByRole("heading", { name: evil.subject }).waitFor();
  await page.getByRole("button", { name: "As text" }).click();
  await page.getByText("Text 1").waitFor();
  assert.equal(await page.evaluate(() => window.pwned), undefined);
});

test("a letter loads nothing from elsewhere and leads nowhere by itself", async (t) => {
  let asked = 0;
  const elsewhere = createServer((request, response) => {
    asked += 1;
    response.end();
  }).listen(0, "127.0.0.1");
  t.after(() => elsewhere.close());
  await once(elsewhere, "listening");
  const there = `http://127.0.0.1:${elsewhere.address().port}`;
  const html = `<link rel="stylesheet" href="${there}/a.css"><link rel="prefetch" href="${there}/b"><link rel="preconnect" href="${there}">
    <meta http-equiv="refresh" content="0;url=${there}/c"><style>@import "${there}/d.css"; body { background: url(${there}/e) }</style>
    <img src="${there}/f.png"><iframe src="${there}/g"></iframe><object data="${there}/h"></object><script src="${there}/i.js"></script>
    <video src="${there}/j" autoplay></video><p>The end</p>`;
  const page = await open(t, "/dev/mailbox", { hostile: true, before: serve([caught(1, { html })]) });
  await page.frameLocator("iframe").first().getByText("The end").waitFor();
  await page.waitForTimeout(1_000);
  assert.equal(asked, 0);
});

test("the frame is as high as its e-mail, and the way back is there", async (t) => {
  const tall = (n) => `<!doctype html><body style="margin: 0"><div style="height: ${n}px"></div>`;
  const page = await open(t, "/dev/mailbox", { before: serve([caught(2, { html: tall(1900) }), caught(1, { html: tall(150) })]) });
  const height = (want) => page.waitForFunction((h) => document.querySelector("iframe")?.getBoundingClientRect().height === h, want + 2);
  await height(1900);
  await page.locator("nav button", { hasText: "ann1" }).click();
  await height(150);
  assert.equal(await page.locator("iframe").count(), 1);
  await page.getByRole("link", { name: "Back to GraphiQL" }).click();
  await page.locator(".graphiql-execute-button").waitFor();
});

test("a server that is gone is said and come back to", async (t) => {
  let gone = true;
  const page = await open(t, "/dev/mailbox", {
    before: (p) => p.route("**/dev/mailbox.json", (route) => (gone ? route.abort() : route.fulfill({ json: [caught(1)] }))),
  });
  await page.getByText("The server does not answer").waitFor();
  gone = false;
  await page.getByRole("heading", { name: "Subject 1" }).waitFor();
  assert.equal(await page.getByText("The server does not answer").isVisible(), false);
});

test("a notice shows neither link nor token", async (t) => {
  const page = await open(t, "/dev/mailbox", { before: serve([caught(1, { token: "", link: "" })]) });
  await page.getByRole("heading", { name: "Subject 1" }).waitFor();
  assert.equal(await page.locator(".secret").count(), 0);
});

for (const look of looks) {
  test(`the server's own letter can be read, ${look.name}`, async (t) => {
    const { email, token } = await signUp();
    const page = await open(t, "/dev/mailbox", look);
    await page.locator("nav button", { hasText: email }).click();
    assert.equal(await page.getByLabel("Token", { exact: true }).inputValue(), token);
    const opened = page.waitForEvent("popup");
    await page.frameLocator("iframe").locator("a").first().click();
    await (await opened).getByRole("button", { name: "Confirm" }).waitFor();
    await assertAccessible(page);
    assert.deepEqual(await stored(page), nothing);
  });
}
