// Second factors and passkeys in the example, with both clients. The authenticator is Chromium's virtual one.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { assertAccessible } from "../browser.mjs";
import { code } from "../totp.mjs";
import { app, button, clients, field, heading, logIn, logOut, newAddress, password, section, skip } from "./app.mjs";

const platform = {
  protocol: "ctap2", ctap2Version: "ctap2_1", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true,
  automaticPresenceSimulation: true,
};

async function withAuthenticator(page) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  await cdp.send("WebAuthn.addVirtualAuthenticator", { options: platform });
}

for (const client of clients) {
  describe(client, { skip }, async () => {
    const it = await app(client, { TRUSTED_DEVICE_TTL: "30d" });

    test("an authenticator app, the second step, a recovery code and a trusted browser", async (t) => {
      const { page, email } = await it.owner(t);
      const factors = section(page, "Passkeys and second factor");
      await button(factors, "Add an authenticator app").click();
      await factors.getByAltText("QR code with the key").waitFor();
      const secret = (await factors.locator("code").first().textContent()).replaceAll(" ", "");
      await field(factors, "The code that the app shows now").fill("000000");
      await button(factors, "Add").click();
      await factors.getByText("This code is wrong or was used.").waitFor();
      await field(factors, "The code that the app shows now").fill(code(secret));
      await button(factors, "Add").click();
      await heading(page, "Your recovery codes").waitFor();
      const codes = await factors.locator(".codes code").allTextContents();
      assert.equal(codes.length, 10);
      await button(factors, "I have kept them").click();
      await factors.getByText("10 recovery codes are left.").waitFor();
      await assertAccessible(page);

      await logOut(page);
      const second = async (proof, trust) => {
        await page.getByLabel("E-mail address").fill(email);
        await field(page, "Password").fill(password);
        await button(page, "Log in").click();
        await heading(page, "One more step").waitFor();
        if (trust) await page.getByLabel("Do not ask in this browser for 30 days").check();
        await field(page, "Code of your app, or a recovery code").fill(proof);
        await button(page, "Log in").click();
      };
      await second(codes[0]);
      await factors.getByText("9 recovery codes are left.").waitFor();
      await logOut(page);
      await second("not a code at all");
      await page.locator("[aria-invalid=true]").waitFor();
      await assertAccessible(page);
      await field(page, "Code of your app, or a recovery code").fill(code(secret, 1));
      await page.getByLabel("Do not ask in this browser for 30 days").check();
      await button(page, "Log in").click();
      await heading(page, "Your account").waitFor();
      await logOut(page);
      await logIn(page, email); // the browser is trusted
      // But what wants a recent proof asks for the factor.
      await button(factors, "Remove: Authenticator app").click();
      const dialog = page.getByRole("dialog");
      await dialog.waitFor();
      await assertAccessible(page);
      await field(dialog, "Code of your app, or a recovery code").fill(codes[1]);
      await button(dialog, "Go on").click();
      await factors.getByText("A password is enough to log in.").waitFor();
      assert.equal(await dialog.count(), 0);
    });

    test("a passkey is added, logs in by button and by autofill, and is removed", async (t) => {
      const { page } = await it.owner(t);
      await withAuthenticator(page);
      const factors = section(page, "Passkeys and second factor");
      await button(factors, "Add a passkey").click();
      await factors.getByText("Added. From now on it logs you in.").waitFor();
      await button(factors, "Add a passkey").click();
      await factors.getByText("This device has a passkey of yours already.").waitFor();
      // The virtual authenticator picks a passkey in the autofill by itself, as soon as the form is there.
      await button(page, "Log out").click();
      await page.waitForResponse(async (answer) => answer.url().endsWith("/graphql") && (await answer.text()).includes('"loginWithPasskey"'));
      await heading(page, "Your account").waitFor();
      await page.evaluate(() => { PublicKeyCredential.isConditionalMediationAvailable = async () => false; });
      await logOut(page);
      await button(page, "Log in with a passkey").click();
      await heading(page, "Your account").waitFor();
      await factors.getByRole("button", { name: /^Remove/ }).click();
      await factors.locator("li").waitFor({ state: "detached" });
    });

    test("sign-up with a passkey instead of a password, confirmed by it", async (t) => {
      const page = await it.open(t, "/sign-up");
      await heading(page, "Sign up").waitFor();
      await withAuthenticator(page);
      const email = newAddress();
      await page.getByLabel("E-mail address").fill(email);
      await button(page, "Sign up with a passkey instead").click();
      await heading(page, "Check your e-mail").waitFor();
      await page.context().clearCookies(); // as in another browser that has the passkey
      await page.goto(it.url + (await it.mail("confirm", email)).path);
      await button(page, "Confirm").click();
      await button(page, "Confirm with your passkey").click();
      await page.getByText(`Your address is ${email}.`).waitFor();
      await section(page, "Password").getByText("Set a password").waitFor();
    });
  });
}

describe("a server that demands a second factor", { skip }, async () => {
  const it = await app("urql", { SECOND_FACTOR: "required" });

  test("a new account sets one up before anything else", async (t) => {
    const email = newAddress();
    await it.ask("mutation ($input: SignUpInput!) { signUp(input: $input) { status } }", { email, password });
    const page = await it.open(t, (await it.mail("confirm", email)).path);
    await button(page, "Confirm").click();
    await field(page, "The password that you signed up with").fill(password);
    await button(page, "Confirm").click();
    await heading(page, "Set up a second factor").waitFor();
    await assertAccessible(page);
    await button(page, "Add an authenticator app").click();
    const secret = (await page.locator(".app code").textContent()).replaceAll(" ", "");
    await field(page, "The code that the app shows now").fill(code(secret));
    await button(page, "Add").click();
    await button(page, "I have kept them").click();
    await page.getByText("10 recovery codes are left.").waitFor();
  });
});
