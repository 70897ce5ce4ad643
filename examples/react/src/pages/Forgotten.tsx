import { useState } from "react";
import { Card } from "../Card";
import { Field, Form, useForm } from "../Form";
import { RequestPasswordResetDocument } from "../gql/graphql";
import { Link } from "../router";
import { useAuth } from "../site";
import { words } from "../words";

/** Forgotten asks for the e-mail. The answer is the same whether there is such an account or not. */
export function Forgotten() {
  const { send } = useAuth();
  const [sentTo, setSentTo] = useState("");
  const form = useForm(["email"], async ({ email = "", captcha }) => {
    const { requestPasswordReset: { errors } } = await send(RequestPasswordResetDocument, { input: { email, captcha } });
    if (errors.length === 0) setSentTo(email);
    return errors;
  });
  if (sentTo) return <Card title={words.checkMail}><p role="status">{words.linkSent(sentTo)}</p></Card>;
  return (
    <Card title={words.forgotten}>
      <p>{words.forgottenWhy}</p>
      <Form form={form} button={words.sendLink} captcha="requestPasswordReset">
        <Field form={form} name="email" label={words.email} type="email" autoComplete="username" />
      </Form>
      <p className="foot"><Link to="/log-in">{words.logIn}</Link></p>
    </Card>
  );
}
