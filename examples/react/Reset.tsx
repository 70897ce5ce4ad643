import { useState } from "react";
import type { Link } from "../confirmation";
import type { Send } from "../errors";
import { RequestPasswordResetDocument, ResetPasswordDocument } from "../gql/graphql";
import type { Session } from "../session";
import { Field, Fields } from "./Fields";
import { SecondFactor } from "./SecondFactor";
import { useForm } from "./useForm";

/** Forgotten asks for the e-mail. The answer is the same whether there is such an account or not. */
export function Forgotten({ send }: { send: Send }) {
  const [sent, setSent] = useState(false);
  const form = useForm(["email"], async ({ email = "" }) => {
    const { requestPasswordReset } = await send(RequestPasswordResetDocument, { input: { email } });
    setSent(requestPasswordReset.errors.length === 0);
    return requestPasswordReset.errors;
  });
  if (sent) return <p>If there is an account with this address, an e-mail is on its way.</p>;
  return (
    <Fields form={form} button="Send me a link">
      <Field form={form} name="email" label="E-mail address" type="email" autoComplete="username" />
    </Fields>
  );
}

interface Props {
  /** From takeLink, called once for the page. */
  link: Link | null;
  session: Session;
  send: Send;
  done: () => void;
}

/** Reset is the page of AUTHGRAPH_RESET_URL. */
export function Reset({ link, session, send, done }: Props) {
  const [challenge, setChallenge] = useState<string | null>(null);
  const form = useForm(["newPassword"], async ({ newPassword = "" }) => {
    const input = { token: link?.token ?? "", newPassword, session: { delivery: session.delivery } };
    const { resetPassword } = await send(ResetPasswordDocument, { input });
    if (resetPassword.auth) {
      session.begin(resetPassword.auth);
      done();
    }
    setChallenge(resetPassword.challenge?.token ?? null); // the new password takes effect with the answer
    return resetPassword.errors;
  });
  if (!link) {
    return (
      <>
        <h2>Forgot your password?</h2>
        <Forgotten send={send} />
      </>
    );
  }
  if (challenge !== null) {
    return <SecondFactor challenge={challenge} session={session} send={send} done={done} again={() => setChallenge(null)} />;
  }
  return (
    <>
      <h2>Set a new password</h2>
      <p>You will be logged out everywhere else.</p>
      <Fields form={form} button="Set the new password">
        <Field form={form} name="newPassword" label="New password" type="password" autoComplete="new-password" />
      </Fields>
    </>
  );
}
