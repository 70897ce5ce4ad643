// The whole life of an account in the example, with both clients, against the real server and its mailbox.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { assertAccessible } from "../browser.mjs";
import { app, button, clients, field, heading, logIn, logOut, newAddress, password, section, skip, unfold } from "./app.mjs";

for (const client of clients) {
  describe(client, { skip }, async () => {
    const it = await app(client);

    async function signUp(page, email) {
      await page.getByLabel("E-mail address").fill(email);
      await field(page, "Password").fill(password);
      await button(page, "Sign up").click();
      await heading(page, "Check your e-mail").waitFor();
      return (await it.mail("confirm", email)).path;
    }

    test("from sign-up to the end", async (t) => {
      const page = await it.open(t, "/sign-up");
      await heading(page, "Sign up").waitFor();
      await assertAccessible(page);
      const email = newAddress();
      const path = await signUp(page, email);
      await assertAccessible(page);

      // The link in the same browser: one press.
      const tab = await page.context().newPage();
      await tab.goto(it.url + path);
      assert.equal(new URL(tab.url()).hash, "", "the token is out of the address bar");
      await tab.getByText(`Did you ask to use ${email} here?`).waitFor();
      await button(tab, "Confirm").click();
      await heading(tab, "Your account").waitFor();
      await tab.getByText(`Your address is ${email}.`).waitFor();
      // The tab that signed up follows.
      await heading(page, "Your account").waitFor();
      await page.close();
      await assertAccessible(tab);

      // Another password: the old one is refused first, at its field.
      const change = section(tab, "Password");
      await unfold(change, "Change the password");
      await change.getByLabel("Your present password", { exact: true }).fill("not this one");
      await change.getByLabel("New password", { exact: true }).fill(`${password}, anew`);
      await button(change, "Save").click();
      await change.getByText("This is wrong.").waitFor();
      assert.equal(await change.getByLabel("Your present password", { exact: true }).getAttribute("aria-invalid"), "true");
      await change.getByLabel("Your present password", { exact: true }).fill(password);
      await button(change, "Save").click();
      await change.getByText("Changed. You are logged out everywhere else.").waitFor();

      // Another address.
      const address = section(tab, "E-mail address");
      await unfold(address, "Change the address");
      await address.getByLabel("New e-mail address").fill(`new.${email}`);
      await address.getByLabel("Your present password", { exact: true }).fill(`${password}, anew`);
      await button(address, "Save").click();
      await address.getByText(`Open the link in the e-mail to new.${email}.`).waitFor();
      await tab.goto(it.url + (await it.mail("change_email", `new.${email}`)).path);
      await button(tab, "Confirm").click();
      await tab.getByText(`Your address is new.${email}.`).waitFor();

      await logOut(tab);
      assert.deepEqual((await tab.context().cookies()).filter(({ name }) => name === "authgraph"), []);
      await logIn(tab, `new.${email}`, `${password}, anew`);
      await heading(tab, "Your account").waitFor();

      await unfold(tab, "Delete the account…");
      await button(tab, "Delete it for ever").click();
      await heading(tab, "Log in").waitFor();
      await logIn(tab, `new.${email}`, `${password}, anew`);
      await tab.getByText("This is wrong.").waitFor();
    });

    test("confirmed elsewhere by the password of the sign-up, or by a new one", async (t) => {
      for (const [label, name, secret] of [
        ["The password that you signed up with", "Confirm", password],
        ["New password", "Confirm with a new password", `${password}, anew`],
      ]) {
        const email = newAddress();
        const path = await signUp(await it.open(t, "/sign-up"), email);
        const elsewhere = await it.open(t, path);
        await button(elsewhere, "Confirm").click();
        await heading(elsewhere, "One more step").waitFor();
        await assertAccessible(elsewhere);
        await field(elsewhere, label).fill(secret);
        await button(elsewhere, name).click();
        await elsewhere.getByText(`Your address is ${email}.`).waitFor();
      }
    });

    test("a forgotten password is set anew by the link, which works once", async (t) => {
      const { email } = await it.account();
      const page = await it.open(t, "/log-in");
      await page.getByRole("link", { name: "Forgot your password?" }).click();
      await page.getByLabel("E-mail address").fill(email);
      await button(page, "Send me a link").click();
      await page.getByText(`If there is an account with ${email}`).waitFor();
      const { path } = await it.mail("reset_password", email);
      for (const works of [true, false]) {
        const reset = await it.open(t, path);
        await heading(reset, "Set a new password").waitFor();
        await assertAccessible(reset);
        await field(reset, "New password").fill("short");
        await button(reset, "Set the new password").click();
        if (works) await reset.locator("[aria-invalid=true]").waitFor();
        await field(reset, "New password").fill(`${password}, anew`);
        await button(reset, "Set the new password").click();
        if (works) await heading(reset, "Your account").waitFor();
        else await reset.getByText("This link was used or is too old.").waitFor();
      }
    });

    test("sign-up by username, log-in by it, and an address later", async (t) => {
      const page = await it.open(t, "/sign-up");
      const name = `u${Date.now()}`;
      await button(page, "Use a username instead").click();
      await field(page, "Username").fill("no");
      await field(page, "Password").fill(password);
      await button(page, "Sign up").click();
      await page.locator("input[name=username][aria-invalid=true]").waitFor();
      await field(page, "Username").fill(name);
      await button(page, "Sign up").click();
      await page.getByText(`Your username is ${name}.`).waitFor();
      await logOut(page);
      await logIn(page, name);
      await page.getByText("This account has no e-mail address.").waitFor();
    });

    test("a code by e-mail logs in, also after the page was loaded again", async (t) => {
      const { email } = await it.account();
      const page = await it.open(t, "/log-in");
      await button(page, "Log in with a code by e-mail").click();
      await page.getByLabel("E-mail address").fill(email);
      await button(page, "Send me a code").click();
      await page.getByText(`If there is an account with ${email}`).waitFor();
      await page.reload();
      const code = /#code=(\d{8})/.exec((await it.mail("login_code", email)).text)?.[1];
      await field(page, "Code from the e-mail").fill("12345678");
      await button(page, "Log in").click();
      await page.getByText("This code is wrong or was used.").waitFor();
      await field(page, "Code from the e-mail").fill(code);
      await button(page, "Log in").click();
      await heading(page, "Your account").waitFor();
    });

    test("a token for programs is shown once, works, and is ended", async (t) => {
      const { page } = await it.owner(t);
      const tokens = section(page, "Tokens for programs");
      await unfold(tokens, "Make a token");
      await button(tokens, "Save").click();
      await tokens.locator("[aria-invalid=true]").first().waitFor();
      await field(tokens, "Name of the token").fill("backup");
      await tokens.getByLabel("account:read").check();
      await button(tokens, "Save").click();
      const token = await tokens.locator("code.secret").textContent();
      assert.ok((await it.ask("{ me { id } }", undefined, token)).id);
      await tokens.getByText("backup").waitFor();
      await page.reload();
      await tokens.getByText("backup").waitFor();
      assert.equal(await tokens.locator("code.secret").count(), 0);
      await button(tokens, "End: backup").click();
      await tokens.getByText("backup").waitFor({ state: "detached" });
      await assert.rejects(it.ask("{ me { id } }", undefined, token), /UNAUTHENTICATED/);
    });
  });
}
