// The widget of a CAPTCHA on the pages, in a real browser: its script and its frame
// are loaded from the provider's address under the page's policy, and what it answers
// reaches the provider. The provider's servers are played here, since no test leaves
// this machine.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { test } from "node:test";
import { assertAccessible, nothing, open, stored } from "./browser.mjs";
import { skip, start } from "./program.mjs";

const secret = "the-secret-of-the-site";

// widget is a script as both providers have one: explicit rendering, an answer once it
// was solved in its frame, and another one after a reset.
const widget = (name, frame, more) => `${more}
const widgets = [];
window.${name} = {
  render(place, { sitekey }) {
    const frame = document.createElement("iframe");
    frame.title = "CAPTCHA";
    frame.src = "${frame}?sitekey=" + sitekey;
    place.append(frame);
    const one = { frame, answer: "" };
    addEventListener("message", (e) => { if (e.source === frame.contentWindow) one.answer = e.data; });
    return widgets.push(one) - 1;
  },
  getResponse: (id) => widgets[id].answer,
  reset: (id) => { widgets[id].answer = ""; },
};`;

const puzzle = `<!doctype html><html lang="en"><title>CAPTCHA</title><button>I am a person</button><script>
let n = 0;
document.querySelector("button").onclick = (e) => {
  n += 1;
  parent.postMessage("answer-" + n, "*");
  e.target.textContent = "Solved " + n;
};
</script>`;

const providers = {
  turnstile: {
    script: "https://challenges.cloudflare.com/turnstile/v0/api.js", frame: "https://challenges.cloudflare.com/turnstile/frame",
    hosts: ["https://challenges.cloudflare.com"], more: "",
  },
  hcaptcha: {
    script: "https://js.hcaptcha.com/1/api.js", frame: "https://newassets.hcaptcha.com/frame",
    hosts: ["https://js.hcaptcha.com", "https://newassets.hcaptcha.com", "https://api2.hcaptcha.com"],
    // It brings a style sheet, and calls its host from the page.
    more: `const sheet = document.createElement("link");
sheet.rel = "stylesheet";
sheet.href = "https://newassets.hcaptcha.com/style.css";
document.head.append(sheet);
window.called = fetch("https://api2.hcaptcha.com/getcaptcha").then((r) => r.text());`,
  },
};

// siteverify is the provider's other side. It keeps what it was asked.
async function siteverify(t) {
  const asked = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += chunk;
    const form = new URLSearchParams(body);
    asked.push(form.get("response"));
    const success = form.get("secret") === secret && form.get("response") !== "answer-1";
    response.writeHead(200, { "Content-Type": "application/json" });
    response.end(JSON.stringify(success ? { success } : { success, "error-codes": ["timeout-or-duplicate"] }));
  }).listen(0, "localhost");
  await once(server, "listening");
  t.after(() => { server.closeAllConnections(); server.close(); });
  return { asked, url: `http://localhost:${server.address().port}/siteverify` };
}

// plays answers for the provider's hosts.
const plays = (name, { script, frame, hosts, more }) => async (page) => {
  const cors = { "Access-Control-Allow-Origin": "*" };
  await page.route((url) => hosts.includes(url.origin), (route) => {
    const at = route.request().url().split("?")[0];
    if (at === script) return route.fulfill({ contentType: "text/javascript", body: widget(name, frame, more) });
    if (at === frame) return route.fulfill({ contentType: "text/html", body: puzzle });
    if (at.endsWith(".css")) return route.fulfill({ contentType: "text/css", body: "iframe { border: 3px solid }" });
    return route.fulfill({ headers: cors, body: "called" });
  });
};

for (const [name, provider] of Object.entries(providers)) {
  test(`${name} is shown, solved, refused once and solved again`, { skip }, async (t) => {
    const { asked, url } = await siteverify(t);
    const at = await start(t, { LISTEN: "localhost:0", CAPTCHA: name, CAPTCHA_SITE_KEY: "public-key", CAPTCHA_SECRET: secret, CAPTCHA_URL: url });
    const page = await open(t, "/reset", { at, others: provider.hosts, before: plays(name, provider) });
    const frame = page.frameLocator("#ask iframe[title=CAPTCHA]");
    const solve = frame.getByRole("button");
    const send = () => page.getByRole("button", { name: "Send the link" }).click();
    await page.getByLabel("E-mail address", { exact: true }).fill("nobody@example.org");
    assert.match(await page.locator("#ask iframe").getAttribute("src"), /sitekey=public-key$/);
    if (!provider.more) await assertAccessible(page, "main"); // axe would write a foreign style sheet into the page
    if (provider.more) {
      assert.equal(await page.evaluate(() => window.called), "called");
      assert.equal(await page.locator("#ask iframe").evaluate((f) => getComputedStyle(f).borderTopWidth), "3px");
    }

    await send();
    await page.getByText("Please solve the puzzle first.").waitFor();
    assert.deepEqual(asked, []);

    await solve.click();
    await frame.getByText("Solved 1").waitFor();
    await send();
    await page.getByText("Please solve the puzzle again.").waitFor();
    await send(); // the answer was used up, and is not sent again
    await page.getByText("Please solve the puzzle first.").waitFor();
    assert.deepEqual(asked, ["answer-1"]);

    await solve.click();
    await frame.getByText("Solved 2").waitFor();
    await send();
    await page.getByRole("heading", { name: "Check your e-mail" }).waitFor();
    assert.deepEqual(asked, ["answer-1", "answer-2"]);
    assert.deepEqual(await stored(page), nothing);
  });

  test(`without ${name} a page names no other host`, { skip }, async (t) => {
    const at = await start(t, { LISTEN: "localhost:0", CAPTCHA: name, CAPTCHA_SITE_KEY: "public-key", CAPTCHA_SECRET: secret, CAPTCHA_ON: "signUp,startPasskeySignUp" });
    const page = await open(t, "/reset", { at, before: plays(name, provider) });
    await page.getByRole("heading", { name: "Forgot your password?" }).waitFor();
    assert.equal(await page.locator("iframe").count(), 0);
  });
}
