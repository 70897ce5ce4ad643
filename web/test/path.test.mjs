// The pages below a path of a host that others share, behind a proxy that strips
// the path and one that leaves it. AUTHGRAPH_PROGRAM is the program: its server
// here is another than the one that the other tests look at.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, request } from "node:http";
import { test } from "node:test";
import { open } from "./browser.mjs";
import { freePort, skip, start } from "./program.mjs";

const path = "/auth";
const password = "seven quiet lighthouses";

// proxy passes on what is below the path, and answers all else as another
// application of the host would. It returns the host's origin.
async function proxy(t, port, strips) {
  const server = createServer((req, res) => {
    if (req.url !== path && !req.url.startsWith(`${path}/`)) {
      res.writeHead(418).end("another application");
      return;
    }
    const target = strips ? req.url.slice(path.length) || "/" : req.url;
    req.pipe(request({ host: "localhost", port, path: target, method: req.method, headers: req.headers }, (answer) => {
      res.writeHead(answer.statusCode, answer.headers);
      answer.pipe(res);
    }));
  });
  server.listen(0, "localhost");
  await once(server, "listening");
  t.after(() => { server.closeAllConnections(); server.close(); });
  return `http://localhost:${server.address().port}`;
}

// serve starts the server and returns its public URL.
async function serve(t, strips) {
  const port = await freePort();
  const url = (await proxy(t, port, strips)) + path;
  assert.equal(await start(t, { PUBLIC_URL: url, LISTEN: `localhost:${port}` }), url);
  return url;
}

for (const strips of [true, false]) {
  test(`below a path that the proxy ${strips ? "strips" : "leaves"}`, { skip }, async (t) => {
    const at = await serve(t, strips);

    await t.test("the playground's tour leads to the mailbox and a session", async (u) => {
      for (const start of ["", "/"]) {
        const page = await open(u, start, { at });
        await page.locator(".graphiql-execute-button").click();
        await page.getByRole("button", { name: "Put its token into Confirm" }).click();
        await page.getByText("The token is in the variables of Confirm").waitFor();
        assert.equal(await page.getByRole("link", { name: "Mailbox" }).evaluate((a) => a.href), `${at}/dev/mailbox`);
      }
    });

    await t.test("a letter's link is confirmed by its page", async (u) => {
      const email = "ann@example.org";
      const answer = await fetch(`${at}/graphql`, {
        method: "POST", headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ query: `mutation { signUp(input: {email: "${email}", password: "${password}"}) { status } }` }),
      });
      assert.equal((await answer.json()).data.signUp.status, "CONFIRMATION_SENT");
      const page = await open(u, "/dev/mailbox", { at });
      await page.locator("nav button", { hasText: email }).click();
      const link = await page.getByLabel("Link", { exact: true }).inputValue();
      assert.ok(link.startsWith(`${at}/confirm#token=`), link);
      await page.goto(link);
      await page.getByRole("button", { name: "Confirm", exact: true }).click();
      await page.getByLabel("Password", { exact: true }).fill(password);
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: "Your address is confirmed" }).waitFor();
    });

    await t.test("cookies stay below it", async (u) => {
      const page = await open(u, "/confirm", { at });
      const asked = (query) => page.evaluate(async ([endpoint, body]) => (await fetch(endpoint, {
        method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ query: body }),
      })).json(), [`${at}/graphql`, query]);
      const login = await asked(`mutation { login(input: {email: "ann@example.org", password: "${password}", session: {delivery: COOKIE}}) { status } }`);
      assert.equal(login.data.login.status, "LOGGED_IN");
      const { data } = await asked("mutation { refresh { auth { user { email } } } }");
      assert.equal(data.refresh.auth.user.email, "ann@example.org");
      const cookies = await page.context().cookies();
      assert.deepEqual(cookies.map((c) => `${c.name} ${c.path}`).sort(), ["authgraph /auth", "authgraph-device /auth"]);
      assert.deepEqual((await page.context().cookies(new URL("/", at).href)), []);
    });
  });
}
