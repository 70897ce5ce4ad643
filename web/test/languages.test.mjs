// The pages that e-mails link to, for people who do not read English.
import assert from "node:assert/strict";
import { test } from "node:test";
import { letter, newAddress, password } from "./api.mjs";
import { answers, assertAccessible, base, elsewhere, fails, looks, open, pathOf } from "./browser.mjs";

const heading = (page, name) => page.getByRole("heading", { name, exact: true }).waitFor();
const button = (page, name) => page.getByRole("button", { name, exact: true });

test("a German browser signs up in German: the e-mail, and the page that it links to", async (t) => {
  const email = newAddress();
  const page = await open(t, "/reset", { locale: "de-DE" });
  await page.evaluate((input) => fetch("/graphql", {
    method: "POST", headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ query: "mutation ($input: SignUpInput!) { signUp(input: $input) { status } }", variables: { input } }),
  }).then((r) => r.text()), { email, password });
  const { link, subject } = await letter("confirm", email);
  assert.match(subject, /^Bestätigen Sie Ihre Adresse/);

  await page.goto(base + pathOf(link));
  assert.equal(await page.locator("html").getAttribute("lang"), "de");
  assert.match(await page.title(), /^E-Mail-Adresse bestätigen – /);
  await page.getByText(`Möchten Sie ${email} hier verwenden`).waitFor();
  await assertAccessible(page);
  await button(page, "Bestätigen").click();
  await heading(page, "Noch ein Schritt");
  await heading(page, "Sie kennen das Passwort nicht?");
  await button(page, "Passwort anzeigen").click();
  assert.equal(await button(page, "Passwort verbergen").textContent(), "Verbergen");
  await button(page, "Bestätigen").click();
  await page.getByText("Bitte füllen Sie das aus.").waitFor();
  await page.keyboard.type("nicht das Passwort");
  await page.keyboard.press("Enter");
  await page.getByText("Das Passwort ist falsch.").waitFor();
  await assertAccessible(page);
  await page.getByLabel("Passwort", { exact: true }).fill(password);
  await page.keyboard.press("Enter");
  await heading(page, "Ihre Adresse ist bestätigt");
  await page.getByText(`Sie können sich jetzt als ${email} anmelden.`).waitFor();
  await assertAccessible(page);
});

test("a German browser is told in German when to try again", async (t) => {
  let reply = fails({ code: "RATE_LIMITED", retryAfter: 300 });
  const page = await open(t, "/reset#token=abc", { locale: "de-DE", before: elsewhere((route) => route.fulfill({ json: reply })) });
  await page.locator("input:focus").fill(password);
  await page.keyboard.press("Enter");
  await page.getByText("Bitte versuchen Sie es in 5 Minuten noch einmal.").waitFor();
  reply = fails({ code: "INTERNAL_SERVER_ERROR", requestId: "r-17" });
  await page.keyboard.press("Enter");
  await page.locator("input[name=newPassword]").press("Enter");
  await page.getByText("nennen Sie: r-17").waitFor();
});

const languages = ["de", "fr", "es", "pt-BR", "it", "nl", "pl", "uk", "ja"];

for (const locale of languages) {
  test(`the pages can be used in ${locale}, in a narrow window too`, async (t) => {
    const narrow = looks.find(({ name }) => name === "dark and narrow");
    const page = await open(t, "/reset#token=abc", { ...narrow, locale, before: elsewhere(fails({ code: "RATE_LIMITED", retryAfter: 40 })) });
    assert.equal(await page.locator("html").getAttribute("lang"), locale.slice(0, 2));
    await page.locator("input:focus").fill(password);
    await page.keyboard.press("Enter");
    await page.getByText(/40/).waitFor();
    await assertAccessible(page);
    for (const path of ["/confirm#token=abc&email=ann%40example.org", "/confirm", "/reset", "/code#code=12345678", "/signed-in"]) {
      await page.goto("about:blank");
      await page.goto(base + path);
      await page.locator("h1:visible").first().waitFor();
      await assertAccessible(page);
    }
  });
}

test("a browser of a language that is not offered gets English", async (t) => {
  const page = await open(t, "/code#code=12345678", { locale: "fi-FI", before: answers({}) });
  await heading(page, "Your code");
  assert.equal(await page.locator("html").getAttribute("lang"), "en");
});
