// What people, operators and links say in the hosted pages is text, leads nowhere, and leaves no token behind.
import assert from "node:assert/strict";
import { test } from "node:test";
import { account, ask, login, password, talkTo } from "./api.mjs";
import { open, stored } from "./browser.mjs";
import { skip, start } from "./program.mjs";

const markup = `"><img src=x onerror=document.title=1>`;
const button = (page, name) => page.getByRole("button", { name, exact: true });
const heading = (page, name) => page.getByRole("heading", { name, exact: true });

test("names with markup are text, links lead nowhere else, and nothing is kept", { skip }, async (t) => {
  const at = await start(t, { LISTEN: "localhost:0", LIMIT_SIGN_UP: "off", BRAND_NAME: markup });
  talkTo(at);
  const email = await account();
  const { auth } = await login(email, password);
  const named = await ask("mutation ($input: IssueApiTokenInput!) { issueApiToken(input: $input) { apiToken { name } } }", { name: markup, scopes: ["account:read"] }, auth.accessToken);
  assert.equal(named.apiToken.name, markup);
  await ask("mutation ($input: LoginInput!) { login(input: $input) { status } }", { email, password, session: { deviceName: markup } });

  for (const asked of ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:document.title=1", "%2F%2Fevil.example", "http:evil.example"]) {
    const page = await open(t, `/log-in?return=${encodeURIComponent(asked)}#token=x&code=${encodeURIComponent(markup)}&flow=${encodeURIComponent(markup)}`, { at });
    await heading(page, "Log in").waitFor();
    await page.getByLabel("E-mail address").fill(email);
    await page.getByLabel("Password", { exact: true }).fill(password);
    await button(page, "Log in").click();
    await heading(page, "Your account").waitFor();
    assert.equal(new URL(page.url()).pathname, "/account");
    if (asked !== "//evil.example/") continue;
    await page.getByText(markup).nth(1).waitFor(); // the service and the token
    assert.equal(await page.title(), `Your account – ${markup}`);
    const { cookies, ...kept } = await stored(page);
    assert.deepEqual([kept.local, kept.session, kept.databases, kept.caches], [[], [], [], []]);
    assert.ok(cookies.every(({ httpOnly }) => httpOnly));
    await button(page, "Log out").click();
    await heading(page, "Log in").waitFor();
    await page.goBack();
    await heading(page, "Log in").waitFor();
    assert.equal(await page.getByText(email).count(), 0);
  }
});

test("no page can be put into a frame of another site", { skip }, async (t) => {
  const at = await start(t, { LISTEN: "localhost:0" });
  for (const path of ["/log-in", "/sign-up", "/account", "/confirm", "/reset", "/code", "/signed-in"]) {
    const policy = (await fetch(at + path)).headers.get("Content-Security-Policy");
    for (const part of ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'"]) assert.ok(policy.includes(part), `${path}: ${policy}`);
    assert.ok(!policy.includes("unsafe"), policy);
  }
});
