// /log-in, /sign-up and /account in the languages of the plain pages.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { newAddress, password } from "./api.mjs";
import { assertAccessible, looks, open } from "./browser.mjs";

const narrow = looks.find(({ name }) => name === "dark and narrow");
const tags = readdirSync(new URL("../pages/words", import.meta.url)).map((file) => file.replace(".json", ""));

async function wordsOf(tag) {
  const script = gunzipSync(readFileSync(new URL(`../hosted/dist/words.${tag}.js.gz`, import.meta.url)));
  return import(`data:text/javascript;base64,${script.toString("base64")}`);
}

const english = await wordsOf("en");

// Every value is put into a text, so that it can be looked for.
const marks = [17, "MARK"];
const said = (words, mark) => (typeof words === "function" ? words(mark) : words);

test("every language says all, with the same values, and not in English", async () => {
  const { field } = JSON.parse(readFileSync(new URL("../pages/words/en.json", import.meta.url), "utf8"));
  const codes = Object.keys(field);
  const ofThePages = ["RATE_LIMITED", "INVALID_LOGIN", "INVALID_NAME", "OFFER_GONE", "ANSWER_GONE", "INVALID_PASSKEY"];
  for (const tag of tags.filter((each) => each !== "en")) {
    const { words, refusals, requests } = await wordsOf(tag);
    assert.deepEqual(Object.keys(words), Object.keys(english.words), tag);
    for (const [key, text] of Object.entries(english.words)) {
      assert.equal(typeof words[key], typeof text, `${tag} ${key}`);
      for (const mark of marks) {
        const has = said(words[key], mark);
        assert.match(has, /\S/, `${tag} ${key}`);
        assert.equal(has.includes(String(mark)), said(text, mark).includes(String(mark)), `${tag} ${key}: ${has}`);
        assert.doesNotMatch(has, /\.\.\.|["']|^\s|\s$/, `${tag} ${key}`);
        if (has.includes(" ")) assert.notEqual(has, said(text, mark), `${tag} ${key} is in English`);
      }
    }
    assert.deepEqual(codes.filter((code) => !refusals[code] && !ofThePages.includes(code)), [], tag);
    assert.deepEqual(Object.keys(requests).sort(), Object.keys(english.requests).sort(), tag);
    for (const text of [...Object.values(refusals), ...Object.values(requests)]) assert.doesNotMatch(text, /[{}]|\.\.\.|["']/, tag);
    for (const [code, text] of [...Object.entries(refusals), ...Object.entries(requests)]) {
      assert.ok(![english.refusals[code], english.requests[code], field[code]].includes(text), `${tag} ${code} is in English`);
    }
  }
});

for (const tag of tags) {
  test(`a person signs up and looks at the account in ${tag}, in a narrow window`, async (t) => {
    const { words } = await wordsOf(tag);
    const page = await open(t, "/sign-up", { ...narrow, locale: tag });
    const button = (name) => page.getByRole("button", { name, exact: true });
    const heading = (name) => page.getByRole("heading", { name, exact: true });
    await heading(words.signUp).waitFor();
    assert.equal(await page.locator("html").getAttribute("lang"), tag);
    await assertAccessible(page);
    await button(words.byUsername).click();
    await page.getByLabel(words.username, { exact: true }).fill(newAddress().split("@")[0].slice(0, 40));
    await page.getByLabel(words.password, { exact: true }).fill("short");
    await button(words.signUp).click();
    const problem = page.locator(".problem:not(:empty)").first();
    await problem.waitFor();
    if (tag !== "en") assert.equal(await problem.textContent(), (await wordsOf(tag)).refusals.PASSWORD_TOO_SHORT);
    await page.getByLabel(words.password, { exact: true }).fill(password);
    await button(words.signUp).click();
    await heading(words.account).waitFor();
    await assertAccessible(page);
    const language = page.getByRole("region", { name: words.language });
    assert.equal(await language.getByLabel(words.language).inputValue(), tag); // the browser's
    await language.getByLabel(words.language).selectOption(tag === "de" ? "fr" : "de");
    await language.getByRole("button", { name: words.save }).click();
    await language.getByText(words.saved).waitFor();
    await page.reload();
    await heading(words.account).waitFor();
    assert.equal(await language.getByLabel(words.language).inputValue(), tag === "de" ? "fr" : "de");
    const shown = await page.locator("main").innerText();
    if (tag !== "en") for (const text of ["Your ", " the ", "E-mail address"]) assert.ok(!shown.includes(text), `${tag} says ${text}`);
    await button(words.logOut).click();
    await heading(words.logIn).waitFor();
    await assertAccessible(page);
  });
}
