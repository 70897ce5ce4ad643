import { useState } from "react";
import { Card } from "../Card";
import { keepConfirmKey } from "../confirmation";
import type { Refusals } from "../errors";
import { Field, Form, useForm } from "../Form";
import { SignUpDocument, SignUpWithPasskeyDocument, StartPasskeySignUpDocument, type LoginFragment } from "../gql/graphql";
import { makePasskey, passkeysWork } from "../passkey";
import { Link } from "../router";
import { useAuth } from "../site";
import { words } from "../words";
import { Providers } from "./Providers";

interface Outcome { auth?: LoginFragment | null; confirmKey?: string | null; status: string; errors: Refusals }

/** SignUp makes an account by address, which waits for its e-mail, or by username. */
export function SignUp() {
  const { send, session, offers } = useAuth();
  const [sentTo, setSentTo] = useState("");
  const [byName, setByName] = useState(false);

  const form = useForm(["email", "username", "password"], async ({ email, username, password = "", captcha, by }) => {
    const who = byName ? { username } : { email };
    const options = { session: { delivery: session.delivery } };
    const outcome: Outcome = by === "passkey" ? await withPasskey({ ...who, captcha }, options)
      : (await send(SignUpDocument, { input: { ...who, password, captcha, ...options } })).signUp;
    if (outcome.auth) session.begin(outcome.auth);
    if (outcome.status === "CONFIRMATION_SENT") {
      keepConfirmKey(outcome.confirmKey);
      setSentTo(email ?? "");
    }
    return outcome.errors;
  });

  async function withPasskey(who: { email?: string; username?: string; captcha?: string }, options: object): Promise<Outcome> {
    const { startPasskeySignUp: { options: creation, errors } } = await send(StartPasskeySignUpDocument, { input: who });
    if (!creation) return { status: "REFUSED", errors };
    return (await send(SignUpWithPasskeyDocument, { input: { passkey: await makePasskey(creation), ...options } })).signUpWithPasskey;
  }

  if (sentTo) {
    return (
      <Card title={words.checkMail}>
        <p role="status">{words.mailSent(sentTo)}</p>
        <p><button type="button" onClick={() => setSentTo("")}>{words.back}</button></p>
      </Card>
    );
  }
  if (!offers.signUp) return <Card title={words.signUp}><p>{words.signUpClosed}</p></Card>;
  const passkey = offers.passkeys && passkeysWork() && (
    <button type="submit" name="by" value="passkey" className="wide" aria-disabled={form.busy}>{words.signUpWithPasskey}</button>
  );
  return (
    <Card title={words.signUp}>
      <Form form={form} button={words.signUp} captcha="signUp" others={passkey}>
        {byName ? <Field form={form} name="username" label={words.username} autoComplete="username" hint={words.noMail} />
          : <Field form={form} name="email" label={words.email} type="email" autoComplete="username" />}
        <Field form={form} name="password" label={words.password} type="password" autoComplete="new-password" hint={words.atLeast(offers.passwordMinLength)} />
      </Form>
      <div className="ways">
        {offers.usernames && <button type="button" className="wide" onClick={() => setByName(!byName)}>{byName ? words.byEmail : words.byUsername}</button>}
        <Providers />
      </div>
      <p className="foot">{words.haveAccount} <Link to="/log-in">{words.logIn}</Link></p>
    </Card>
  );
}
