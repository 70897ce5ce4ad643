// The page that an e-mail with a code links to, in a real browser.
import assert from "node:assert/strict";
import { test } from "node:test";
import { account, ask, letter } from "./api.mjs";
import { assertAccessible, looks, nothing, open, pathOf, stored } from "./browser.mjs";

const { emailLogin } = await ask("{ authConfig { emailLogin } }");

for (const look of looks) {
  test(`the page shows the code and asks the server nothing, ${look.name}`, async (t) => {
    const page = await open(t, "/code#code=12345678", look);
    assert.equal(await page.getByLabel("Code").inputValue(), "1234 5678");
    await assertAccessible(page);
    assert.equal(new URL(page.url()).hash, "");
    assert.deepEqual(await stored(page), nothing);
    await page.reload();
    await page.getByRole("heading", { name: "There is no code here" }).waitFor();
    await assertAccessible(page);
  });
}

test("what is no code is not shown", async (t) => {
  for (const text of ["<b>12345678", "call 0800", "1234567", "123456789"]) {
    const page = await open(t, `/code#code=${encodeURIComponent(text)}`);
    await page.getByRole("heading", { name: "There is no code here" }).waitFor();
  }
});

test("opening the link, with scripts, consumes nothing", { skip: !emailLogin && "codes by e-mail are off" }, async (t) => {
  const email = await account();
  const { challenge } = await ask("mutation ($input: StartEmailLoginInput!) { startEmailLogin(input: $input) { challenge { token } } }", { email });
  const { link, token } = await letter("login_code", email);
  for (let i = 0; i < 3; i++) {
    const page = await open(t, pathOf(link));
    await page.getByRole("button", { name: "Copy" }).click();
  }
  const { status } = await ask("mutation ($input: AnswerChallengeInput!) { answerChallenge(input: $input) { status } }", { challenge: challenge.token, emailCode: token });
  assert.equal(status, "LOGGED_IN");
});
