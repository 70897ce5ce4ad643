// What happens to a session: tabs that race, tokens that run out, ends from elsewhere, a broken line.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { app, button, clients, field, heading, logIn, logOut, section, skip, watch } from "./app.mjs";

for (const client of clients) {
  describe(client, { skip }, async () => {
    const it = await app(client, { ACCESS_TTL: "1s", LIMIT_LOGIN: "3/1h" });

    test("a token that ran out is renewed once, by one of two tabs, and nobody notices", async (t) => {
      const { page, email } = await it.owner(t);
      const second = await page.context().newPage();
      await second.goto(`${it.url}/account`);
      await heading(second, "Your account").waitFor();
      await new Promise((over) => { setTimeout(over, 33_000); }); // the server allows for clocks that differ by half a minute
      const { count } = watch(page);
      await Promise.all([page, second].map((tab) => tab.evaluate(() => dispatchEvent(new Event("online"))))); // both ask at once
      for (const end = Date.now() + 15_000; count("Refresh") === 0 && Date.now() < end;) await page.waitForTimeout(50);
      await page.waitForTimeout(1_500); // for a second one
      assert.equal(count("Refresh"), 1);
      for (const tab of [page, second]) await tab.getByText(`Your address is ${email}.`).waitFor();
      await button(section(page, "Where you are logged in"), "Log out everywhere").click();
      for (const tab of [page, second]) await heading(tab, "Log in").waitFor();
    });

    test("two people who log in at the same time in two tabs: both tabs end with the one of the cookie", async (t) => {
      const [ann, bob] = [await it.account(), await it.account()];
      const page = await it.open(t);
      const second = await page.context().newPage();
      await second.goto(`${it.url}/log-in`);
      // Both answers are held until both have been asked.
      const waiting = [];
      await page.context().route("**/graphql", async (route) => {
        if (!route.request().postData()?.includes('"operationName":"Login"')) return route.continue();
        const response = await route.fetch();
        waiting.push(() => route.fulfill({ response }));
        if (waiting.length === 2) for (const answer of waiting) void answer();
      });
      for (const [tab, { email }] of [[page, ann], [second, bob]]) {
        await tab.getByLabel("E-mail address").fill(email);
        await field(tab, "Password").fill("seven quiet lighthouses");
        await button(tab, "Log in").click();
      }
      for (const tab of [page, second]) await heading(tab, "Your account").waitFor();
      await page.waitForTimeout(1_000);
      const shown = await Promise.all([page, second].map((tab) => tab.getByText("Your address is").textContent()));
      assert.equal(shown[0], shown[1]);
      await page.reload();
      await page.getByText(shown[0]).waitFor();
    });

    test("loaded again it is still logged in, and Back after log-out shows the log-in", async (t) => {
      const { page, email } = await it.owner(t);
      const { count } = watch(page);
      await page.goto(`${it.url}/`);
      await page.getByText(email).waitFor();
      assert.equal(count("Refresh"), 1);
      assert.equal(count("Me"), 1);
      await page.getByRole("link", { name: "Your account" }).click();
      await logOut(page);
      await page.goBack();
      await heading(page, "Log in").waitFor();
      assert.equal(await page.getByText(email).count(), 0);
      await page.goto(`${it.url}/account`);
      await heading(page, "Log in").waitFor();
    });

    test("a session that was ended elsewhere is over with the next request", async (t) => {
      const { page, email } = await it.owner(t);
      const other = await it.open(t);
      await logIn(other, email);
      const sessions = section(other, "Where you are logged in");
      assert.equal(await sessions.locator("li").count(), 3); // one was made behind the pages' backs
      await button(sessions, "Log out everywhere else").click();
      await sessions.locator("li").nth(1).waitFor({ state: "detached" });
      await section(page, "Where you are logged in").getByRole("button", { name: /^End/ }).first().click();
      await heading(page, "Log in").waitFor();
      await logIn(page, email);
    });

    test("without a line the page says so, keeps what was typed, and goes on when the line is back", async (t) => {
      const { email } = await it.account();
      const page = await it.open(t);
      await page.getByLabel("E-mail address").fill(email);
      await field(page, "Password").fill("seven quiet lighthouses");
      await page.context().setOffline(true);
      await button(page, "Log in").click();
      await page.getByText("The server cannot be reached.").waitFor();
      await page.context().setOffline(false);
      await button(page, "Log in").click();
      await heading(page, "Your account").waitFor();

      await page.context().setOffline(true);
      await page.evaluate(() => dispatchEvent(new Event("online")));
      await page.getByRole("alert").getByText("The server cannot be reached.").waitFor();
      await page.getByText(`Your address is ${email}.`).waitFor();
      await page.context().setOffline(false);
      await page.getByRole("alert").getByText("The server cannot be reached.").waitFor({ state: "detached" });
    });

    test("too many attempts are counted down", async (t) => {
      const page = await it.open(t);
      for (let i = 0; i < 4; i++) {
        await logIn(page, "nobody@example.org", `wrong ${i}`);
        await (i < 3 ? page.getByText("This is wrong.") : page.getByRole("timer")).waitFor();
      }
      const left = async () => /Try again in (\d+):(\d\d)\./.exec(await page.getByRole("timer").textContent());
      const [, minutes, seconds] = await left();
      await page.waitForTimeout(1_200);
      const [, then, after] = await left();
      assert.ok(Number(minutes) > 0 && Number(then) * 60 + Number(after) < Number(minutes) * 60 + Number(seconds));
      assert.equal(await page.getByLabel("E-mail address").inputValue(), "nobody@example.org");
    });
  });
}
