// The playground in a real browser, with every other host out of reach.
import assert from "node:assert/strict";
import { test } from "node:test";
import { assertAccessible, nothing, open, stored } from "./browser.mjs";
import { code } from "./totp.mjs";

const tour = ["SignUp", "Confirm", "Login", "Me", "RevokeSession", "Refresh", "Reauthenticate",
  "UpdateAccount", "IssueApiToken", "Logout", "RequestPasswordReset", "ResetPassword",
  "AddTotp", "ConfirmTotp", "LoginInTwoSteps", "AnswerChallenge", "MakeRecoveryCodes", "ReauthenticateByCode", "DeleteAccount",
  "StartPasskeyLogin"];
const selectors = { run: ".graphiql-execute-button", result: ".result-window .CodeMirror" };

const editor = (page, selector) => page.$eval(selector, (e) => e.CodeMirror.getValue());
async function headers(page) {
  await page.click("[data-name=headers]"); // what fills variables shows them
  return editor(page, "[aria-label=Headers] .CodeMirror:not(.hidden .CodeMirror)");
}
const button = (page, name) => page.getByRole("button", { name, exact: true });

async function choose(page, tab) {
  await page.locator(".graphiql-tab-button").nth(tour.indexOf(tab)).click();
  await page.waitForFunction((name) => document.querySelector(".graphiql-query-editor .CodeMirror").CodeMirror.getValue().includes(` ${name}`), tab);
}

// run executes the tab in front and returns the answer.
async function run(page) {
  const answered = page.waitForResponse((r) => r.url().endsWith("/graphql") && r.request().method() === "POST");
  await page.click(selectors.run);
  const answer = await (await answered).json();
  await page.waitForFunction(([selector, text]) => {
    try {
      return JSON.stringify(JSON.parse(document.querySelector(selector).CodeMirror.getValue())) === text;
    } catch {
      return false;
    }
  }, [selectors.result, JSON.stringify(answer)]);
  return answer;
}

// payload is what the answer's one field holds, where nothing was refused.
function payload({ data, errors }, tab = "") {
  assert.equal(errors, undefined, `${tab}: ${JSON.stringify(errors)}`);
  const field = Object.values(data)[0];
  assert.deepEqual(field?.errors ?? [], [], tab);
  return field;
}

async function runGood(page, tab) {
  await choose(page, tab);
  return payload(await run(page), tab);
}

// inFront waits for a tab that the bar went to by itself.
async function inFront(page, tab) {
  await page.locator(".graphiql-tab-active .graphiql-tab-button").getByText(tab, { exact: true }).waitFor();
  await page.waitForFunction((name) => document.querySelector(".graphiql-query-editor .CodeMirror").CodeMirror.getValue().includes(` ${name}`), tab);
}

// put runs a tab, and has the bar put what its answer holds into the next one.
async function put(page, tab, words, into) {
  const answer = await runGood(page, tab);
  await button(page, `Put the ${words} into ${into}`).click();
  await page.getByText(`The ${words} is in the variables of ${into}`).waitFor();
  await inFront(page, into);
  return answer;
}

// type sets one of the variables in front.
const type = (page, name, value) => page.$eval("[aria-label=Variables] .CodeMirror:not(.hidden .CodeMirror)", (e, [key, text]) => {
  const variables = JSON.parse(e.CodeMirror.getValue());
  variables.input[key] = text;
  e.CodeMirror.setValue(JSON.stringify(variables));
}, [name, value]);

async function secondFactor(page) {
  const { secret } = await put(page, "AddTotp", "id", "ConfirmTotp");
  await type(page, "code", code(secret));
  assert.equal(payload(await run(page)).recoveryCodes.length, 10);
  assert.equal((await put(page, "LoginInTwoSteps", "challenge", "AnswerChallenge")).status, "SECOND_FACTOR_REQUIRED");
  await type(page, "totpCode", code(secret, 1));
  const { status, auth } = payload(await run(page));
  assert.equal(status, "LOGGED_IN");
  assert.deepEqual([auth.user.secondFactor, auth.user.recoveryCodesLeft], [true, 10]);
  await button(page, "Use this access token").click();
  assert.equal((await put(page, "MakeRecoveryCodes", "first recovery code", "ReauthenticateByCode")).recoveryCodes.length, 10);
  assert.deepEqual(payload(await run(page)).session.methods, ["PASSWORD", "TOTP", "RECOVERY_CODE"]);
}

test("the playground introspects", async (t) => {
  const page = await open(t, "/");
  await page.getByRole("button", { name: "Show Documentation Explorer" }).click();
  await page.getByRole("link", { name: "Query", exact: true }).click();
  await page.getByRole("link", { name: "authConfig", exact: true }).waitFor();
});

test("the tour runs from left to right, and nothing is kept", async (t) => {
  const page = await open(t, "/");
  await page.locator(selectors.run).waitFor();
  const tabs = await page.locator(".graphiql-tab-button").allInnerTexts();
  assert.deepEqual(tabs, tour);

  assert.equal((await runGood(page, "SignUp")).status, "CONFIRMATION_SENT");
  await button(page, "Put its token into Confirm").click();
  await page.getByText("The token is in the variables of Confirm").waitFor();
  await inFront(page, "Confirm");
  assert.equal(payload(await run(page)).status, "LOGGED_IN");
  assert.equal((await runGood(page, "Login")).status, "LOGGED_IN");
  assert.equal(await runGood(page, "Me"), null, "without a token");

  await button(page, "Use this access token").click();
  await page.getByText("The access token is in the headers of every tab").waitFor();
  assert.match(await headers(page), /"Authorization": "Bearer [\w-]+/);
  assert.match((await runGood(page, "Me")).email, /^ann\./);
  await button(page, "Put that session into RevokeSession").click();
  await inFront(page, "RevokeSession");
  const { session } = payload(await run(page));
  assert.equal(session.current, false);
  assert.deepEqual((await runGood(page, "Me")).sessions.map((s) => s.current), [true]);
  for (const tab of tabs) {
    await choose(page, tab);
    assert.match(await headers(page), /"Authorization": "Bearer [\w-]+/, tab);
  }
  await button(page, "New tab").click();
  await page.waitForTimeout(200);
  assert.match(await headers(page), /"Authorization": "Bearer [\w-]+/, "a new tab");

  const before = await runGood(page, "Refresh");
  await button(page, "Use this access token").click();
  await page.getByText("The access token is in the headers of every tab").waitFor();
  assert.ok((await headers(page)).includes(before.auth.accessToken));
  await runGood(page, "Refresh"); // with the token that the click put there
  await button(page, "Use this access token").click();

  assert.ok((await runGood(page, "Reauthenticate")).session.authenticatedAt);
  assert.match((await runGood(page, "UpdateAccount")).user.username, /^ann_/);
  await runGood(page, "IssueApiToken");
  assert.equal((await runGood(page, "Logout")).sessions.length, 1);
  await choose(page, "Me");
  assert.equal((await run(page)).errors[0].extensions.code, "UNAUTHENTICATED");

  await runGood(page, "RequestPasswordReset");
  await button(page, "Put its token into ResetPassword").click();
  await page.getByText("The token is in the variables of ResetPassword").waitFor();
  await inFront(page, "ResetPassword");
  assert.equal(payload(await run(page)).status, "LOGGED_IN");
  await button(page, "Use this access token").click();
  assert.match((await runGood(page, "Me")).email, /^ann\./);

  await secondFactor(page);
  assert.match((await runGood(page, "DeleteAccount")).user.email, /^ann\./);
  assert.equal((await runGood(page, "StartPasskeyLogin")).options.userVerification, "required");

  await button(page, "Remove token").click();
  assert.equal((await headers(page)).trim(), "");
  await page.waitForTimeout(1_000); // GraphiQL stores after half a second
  assert.deepEqual(await stored(page), nothing);
});

test("headers that a person wrote are kept", async (t) => {
  const page = await open(t, "/");
  await page.route("**/graphql", (route, request) => (request.postData().includes("IntrospectionQuery") ? route.continue() : route.fulfill({
    json: { data: { login: { status: "LOGGED_IN", auth: { accessToken: "a.b.c", refreshToken: "agr_x", expiresIn: 2 }, errors: [] } } },
  })));
  await choose(page, "Login");
  await page.click("[data-name=headers]");
  await page.$eval("[aria-label=Headers] .CodeMirror:not(.hidden .CodeMirror)", (e) => e.CodeMirror.setValue('{"X-Trace": "7", "authorization": "old"}'));
  await run(page);
  await button(page, "Use this access token").click();
  assert.deepEqual(JSON.parse(await headers(page)), { "X-Trace": "7", Authorization: "Bearer a.b.c" });
  await choose(page, "Refresh");
  await page.click("[data-name=variables]");
  assert.match(await editor(page, "[aria-label=Variables] .CodeMirror:not(.hidden .CodeMirror)"), /agr_x/);
  await page.getByText("The access token in the headers has expired").waitFor();
});

test("a reload forgets everything", async (t) => {
  const page = await open(t, "/");
  await page.click("[data-name=headers]");
  await page.$eval("[aria-label=Headers] .CodeMirror:not(.hidden .CodeMirror)", (e) => e.CodeMirror.setValue('{"Authorization": "Bearer secret"}'));
  await page.waitForTimeout(1_000);
  await page.reload();
  await page.waitForSelector(selectors.run);
  await page.click("[data-name=headers]");
  assert.equal(await headers(page), "");
  assert.deepEqual(await stored(page), nothing);
});

test("dialogs, menus and themes stay within the policy", async (t) => {
  const page = await open(t, "/", { dark: true });
  await page.getByRole("button", { name: "Open short keys dialog" }).click();
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Open settings dialog" }).click();
  const bar = () => page.$eval("#bar", (e) => getComputedStyle(e).backgroundColor);
  const dark = await bar();
  await page.getByRole("button", { name: "Light", exact: true }).click();
  await page.waitForFunction((c) => getComputedStyle(document.getElementById("bar")).backgroundColor !== c, dark);
  await page.getByRole("button", { name: "Dark", exact: true }).click();
  await page.waitForFunction((c) => getComputedStyle(document.getElementById("bar")).backgroundColor === c, dark);
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Show History" }).click();
  await page.locator(".graphiql-query-editor .CodeMirror").click();
  await page.keyboard.press("Control+End");
  await page.keyboard.type("\n{ ");
  await page.keyboard.press("Control+Space");
  await page.locator(".CodeMirror-hints").waitFor();
});

for (const dark of [false, true]) {
  test(`the bar can be read in ${dark ? "dark" : "light"}`, async (t) => {
    const page = await open(t, "/", { dark });
    await runGood(page, "SignUp");
    await button(page, "Put its token into Confirm").waitFor();
    await assertAccessible(page, "#bar"); // GraphiQL's own markup is not ours to mend
  });
}

test("in a narrow window the answer is below the query", async (t) => {
  const page = await open(t, "/", { width: 390 });
  await page.locator(selectors.run).waitFor();
  await run(page);
  const [query, answer] = await Promise.all([".graphiql-editors", ".graphiql-response"].map((part) => page.locator(part).boundingBox()));
  assert.ok(query.width > 250 && answer.width > 250, `${query.width} and ${answer.width} of 390 wide`);
  assert.ok(answer.y >= query.y + query.height, "side by side");
  const [width, room] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  assert.ok(width <= room, `the page is ${width} wide in a window of ${room}`);
});
