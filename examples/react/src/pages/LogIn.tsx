import { useState } from "react";
import { Card } from "../Card";
import { at } from "../errors";
import { Field, Form, useForm } from "../Form";
import { LoginDocument } from "../gql/graphql";
import { Link } from "../router";
import { useSecondStep } from "../SecondStep";
import { useAuth } from "../site";
import { words } from "../words";
import { EmailCode, isWaiting } from "./EmailCode";
import { PasskeyLogin } from "./PasskeyLogin";
import { Providers } from "./Providers";

/** LogIn offers every way of logging in that the server has. */
export function LogIn() {
  const { offers } = useAuth();
  const { take, step, lapsed } = useSecondStep();
  const [byCode, setByCode] = useState(isWaiting);
  if (step) return <Card title={words.secondStep}>{step}</Card>;
  const coded = byCode && offers.emailLogin;
  return (
    <Card title={words.logIn}>
      {lapsed && <p className="notice bad" role="alert">{words.tookTooLong}</p>}
      {coded ? <EmailCode take={take} /> : <Password take={take} />}
      <div className="ways">
        <p className="or">{words.or}</p>
        {offers.passkeys && <PasskeyLogin autofill={!coded} />}
        {offers.emailLogin && <button type="button" className="wide" onClick={() => setByCode(!coded)}>{coded ? words.withPassword : words.withCode}</button>}
        <Providers />
      </div>
      <p className="foot"><Link to="/forgotten">{words.forgotten}</Link></p>
      {offers.signUp && <p className="foot">{words.noAccount} <Link to="/sign-up">{words.signUp}</Link></p>}
    </Card>
  );
}

function Password({ take }: Pick<ReturnType<typeof useSecondStep>, "take">) {
  const { send, session, offers } = useAuth();
  const form = useForm(["who", "password"], async ({ who = "", password = "", captcha }) => {
    const name = offers.usernames && who !== "" && !who.includes("@") ? { username: who } : { email: who };
    const { login } = await send(LoginDocument, { input: { ...name, password, captcha, session: { delivery: session.delivery } } });
    return take(login).flatMap((error) => (error.field?.at(-1) === "password" ? [error] : at("who", [error])));
  });
  return (
    <Form form={form} button={words.logIn} captcha="login">
      <Field form={form} name="who" label={offers.usernames ? words.emailOrUsername : words.email} type={offers.usernames ? "text" : "email"}
        autoComplete="username webauthn" />
      <Field form={form} name="password" label={words.password} type="password" autoComplete="current-password" />
    </Form>
  );
}
