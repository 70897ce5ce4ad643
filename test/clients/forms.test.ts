// What the examples' forms do with a sign-up's e-mail and with both kinds of errors.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { confirm as confirmed, keepConfirmKey, readLink, wantsPassword, type Link, type Proof } from "../../examples/react/src/confirmation";
import { clock, errorWords, failed, patient, place, RequestError } from "../../examples/react/src/errors";
import {
  LoginDocument, RequestPasswordResetDocument, ResetPasswordDocument, SignUpDocument, UpdateAccountDocument,
} from "../../examples/react/src/gql/graphql";
import { App, everyKind, newStore, password } from "./apps";
import { mailed } from "./mail";
import { serve, type Server } from "./server";

let server: Server;
before(async () => { server = await serve(); });
after(() => server.stop());

// Stands for the tab of the test that runs.
const kept = new Map<string, string>();
Object.assign(globalThis, { sessionStorage: {
  getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => kept.set(key, value), removeItem: (key: string) => kept.delete(key),
} });

async function signUp(app: App): Promise<Link & { email: string }> {
  const email = `forms.${randomBytes(6).toString("hex")}@example.org`;
  const { signUp } = await app.mutate(SignUpDocument, { input: { email, password, session: { delivery: app.session.delivery } } });
  assert.equal(signUp.status, "CONFIRMATION_SENT");
  keepConfirmKey(signUp.confirmKey);
  const link = await mailed(server, "confirm", email);
  assert.equal(link.email, email);
  return { ...link, email };
}

const confirm = (app: App, link: Link, proof: Proof) => confirmed(app.mutate.bind(app), link, proof, app.session);

for (const kind of everyKind) {
  describe(kind, () => {
    test("one press confirms in another tab of the browser that signed up", async () => {
      const app = new App(kind, server);
      const link = await signUp(app);
      assert.equal(kept.size, 0, "the key is in the cookie");
      const tab = new App(kind, server, { browser: app.browser });
      assert.equal((await confirm(tab, link, null)).auth?.user.email, link.email);
    });

    test("one press confirms in the tab that signed up without cookies", async () => {
      const app = new App(kind, server, { store: newStore() });
      const link = await signUp(app);
      assert.equal(kept.size, 1);
      app.browser.cookies.clear();
      assert.equal((await confirm(app, link, null)).auth?.user.email, link.email);
      assert.equal(kept.size, 0);
      assert.equal((await app.me())?.email, link.email);
    });

    test("the key of another sign-up is not in the way", async () => {
      const app = new App(kind, server, { store: newStore() });
      const first = await signUp(app);
      await signUp(app);
      assert.ok(wantsPassword((await confirm(app, first, null)).errors));
      assert.equal((await confirm(app, first, { password })).auth?.user.email, first.email);
    });

    test("elsewhere one press asks for a password: the sign-up's, or a new one for the address of the link", async () => {
      for (const proof of [{ password }, { newPassword: `${password}, anew` }]) {
        const link = await signUp(new App(kind, server));
        const elsewhere = new App(kind, server);
        const { errors } = await confirm(elsewhere, link, null);
        assert.ok(wantsPassword(errors), JSON.stringify(errors));
        const forged = await confirm(elsewhere, { ...link, email: "another@example.org" }, proof);
        assert.deepEqual(forged.errors.map((e) => e.code), ["INVALID_TOKEN"]);
        assert.equal((await confirm(elsewhere, link, proof)).auth?.user.email, link.email);
      }
    });

    for (const [where, store] of [["the cookie", undefined], ["a store", newStore()]] as const) {
      test(`a forgotten password is chosen anew, and the address changed, with ${where}`, async () => {
        const app = new App(kind, server, { store });
        const { email } = await signUp(app);
        await confirm(app, await mailed(server, "confirm", email), null);
        await app.mutate(RequestPasswordResetDocument, { input: { email } });
        const { token } = await mailed(server, "reset_password", email);
        const newPassword = `${password}, anew`;
        const { delivery } = app.session;
        const { resetPassword } = await app.mutate(ResetPasswordDocument, { input: { token, newPassword, session: { delivery } } });
        app.session.begin(resetPassword.auth!);
        const { updateAccount } = await app.mutate(UpdateAccountDocument, { input: { currentPassword: newPassword, email: `new.${email}` } });
        assert.equal(updateAccount.user?.pendingEmail, `new.${email}`, JSON.stringify(updateAccount.errors));

        keepConfirmKey("of a sign-up that came to nothing");
        const { auth } = await confirm(app, await mailed(server, "change_email", `new.${email}`), null);
        assert.equal(auth?.user.email, `new.${email}`, "one press, with the session that is here");
        app.session.accessToken = "spoiled";
        assert.equal((await app.me())?.email, `new.${email}`, "that session goes on");
      });
    }

    test("each payload error stands at its field, the others above the button, too many attempts with the wait", async (t) => {
      const strict = await serve({ AUTHGRAPH_LIMIT_LOGIN: "2/15m" });
      t.after(() => strict.stop());
      const app = new App(kind, strict);
      const login = async (input: { email?: string; password: string }) =>
        place((await app.mutate(LoginDocument, { input })).login.errors, ["email", "password"]);
      const missing = await login({ email: "", password: "" });
      assert.deepEqual(Object.keys(missing.fields), ["email", "password"]);
      assert.equal(missing.form, "");
      const email = `nobody.${kind}@example.org`;
      for (let i = 0; i < 2; i++) assert.deepEqual(await login({ email, password }), { fields: {}, form: "This is wrong. Try again, or choose a new password.", wait: 0 });
      const limited = await login({ email, password });
      assert.deepEqual(limited.fields, {});
      assert.equal(limited.form, "");
      assert.ok(limited.wait > 0 && limited.wait <= 15 * 60, "counted down");
    });

    test("a busy server is asked once more after the wait, a fault is told with its request", async () => {
      const app = new App(kind, server);
      const fail = (times: number, code: string, more: object) => {
        app.browser.calls.length = 0;
        app.browser.between = ({ operation }) => operation === "Login" && times-- > 0
          ? Response.json({ errors: [{ message: "No.", extensions: { code, ...more } }] }) : undefined;
      };
      const login = () => patient(app.mutate.bind(app), 1)(LoginDocument, { input: { username: `nobody-${kind}`, password: "" } });
      const refused = (form: string, wait = 0) => (error: unknown) => {
        assert.ok(error instanceof RequestError);
        assert.deepEqual(failed(error), { fields: {}, form, wait });
        return true;
      };

      fail(1, "OVERLOADED", { retryAfter: 1 });
      assert.deepEqual((await login()).login.errors.map((e) => e.code), ["REQUIRED"]);
      fail(2, "OVERLOADED", { retryAfter: 1 });
      await assert.rejects(login(), refused("", 1));
      assert.equal(app.browser.sent("Login").length, 2);
      fail(1, "OVERLOADED", { retryAfter: 2 });
      await assert.rejects(login(), refused("", 2));
      assert.equal(app.browser.sent("Login").length, 1, "nobody waits longer than he was told to");
      fail(1, "INTERNAL_SERVER_ERROR", { requestId: "r-1" });
      await assert.rejects(login(), refused("Something went wrong on our side. Tell the support this number: r-1"));
      app.browser.between = () => { throw new TypeError("Failed to fetch"); };
      await assert.rejects(login(), (error) => errorWords(error) === "The server cannot be reached. Check your connection and try again.");
    });
  });
}

test("a link names its address only where it is one", () => {
  assert.deepEqual(readLink("#token=t&email=ann%2Bx%40example.org"), { token: "t", email: "ann+x@example.org" });
  assert.deepEqual(readLink("#token=t"), { token: "t", email: null });
  assert.deepEqual(readLink("#token=t&email=Your%20bank%3A%20a%40b"), { token: "t", email: null });
  assert.equal(readLink("#email=ann%40example.org"), null);
});

test("seconds are written as a clock", () => {
  assert.deepEqual([1, 59, 60, 605].map(clock), ["0:01", "0:59", "1:00", "10:05"]);
});
