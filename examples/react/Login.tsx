import { useState } from "react";
import type { Send } from "../errors";
import { LoginDocument, SignUpDocument } from "../gql/graphql";
import { keepConfirmKey } from "../confirmation";
import type { Session } from "../session";
import { Field, Fields } from "./Fields";
import { PasskeyLogin } from "./Passkeys";
import { SecondFactor } from "./SecondFactor";
import { useForm } from "./useForm";

interface Props {
  session: Session;
  send: Send;
}

export function Login({ session, send }: Props) {
  const [challenge, setChallenge] = useState<string | null>(null);
  const form = useForm(["email", "password"], async ({ email = "", password = "" }) => {
    const { login } = await send(LoginDocument, { input: { email, password, session: { delivery: session.delivery } } });
    if (login.auth) session.begin(login.auth);
    setChallenge(login.challenge?.token ?? null);
    return login.errors;
  });
  if (challenge !== null) return <SecondFactor session={session} send={send} challenge={challenge} again={() => setChallenge(null)} />;
  return (
    <>
      <Fields form={form} button="Log in">
        <Field form={form} name="email" label="E-mail address" type="email" autoComplete="username webauthn" />
        <Field form={form} name="password" label="Password" type="password" autoComplete="current-password" />
      </Fields>
      <PasskeyLogin session={session} send={send} />
    </>
  );
}

export function SignUp({ session, send }: Props) {
  const [sent, setSent] = useState(false);
  const form = useForm(["email", "password"], async ({ email = "", password = "" }) => {
    const { signUp } = await send(SignUpDocument, { input: { email, password, session: { delivery: session.delivery } } });
    keepConfirmKey(signUp.confirmKey);
    setSent(signUp.status === "CONFIRMATION_SENT");
    return signUp.errors;
  });
  if (sent) return <p>Open the link in the e-mail that we have sent you.</p>;
  return (
    <Fields form={form} button="Sign up">
      <Field form={form} name="email" label="E-mail address" type="email" autoComplete="username" />
      <Field form={form} name="password" label="Password" type="password" autoComplete="new-password" />
    </Fields>
  );
}
