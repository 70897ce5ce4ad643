import { useState } from "react";
import { Card } from "../Card";
import { confirm, wantsPassword, type Link as Mailed, type Proof } from "../confirmation";
import type { Refusals } from "../errors";
import { Action, Field, Form, useForm } from "../Form";
import type { ConfirmMutation } from "../gql/graphql";
import { usePasskey } from "../passkey";
import { go } from "../router";
import { useSecondStep } from "../SecondStep";
import { useAuth } from "../site";
import { useLink } from "../useLink";
import { words } from "../words";

type Options = ConfirmMutation["confirm"]["passkeyOptions"];

/** Confirm is the page of AUTHGRAPH_CONFIRM_URL. It sends nothing before a press: some mail programs open links. */
export function Confirm() {
  const { session, send, site, me, reload } = useAuth();
  const link = useLink();
  const [wants, setWants] = useState<{ passkey?: Options } | null>(null);
  const home = () => go(site.home, { replace: true });
  const { take, step } = useSecondStep(home);

  async function tryTo(to: Mailed, proof: Proof): Promise<Refusals> {
    const outcome = await confirm(send, to, proof, session);
    if (outcome.auth) {
      if (me) reload(); // it was a change of address, and the session goes on
      home();
      return [];
    }
    take(outcome);
    if (proof || !(outcome.passkeyOptions || wantsPassword(outcome.errors))) return outcome.errors;
    setWants({ passkey: outcome.passkeyOptions });
    return [];
  }

  if (step) return <Card title={words.secondStep}>{step}</Card>;
  if (!link) return <Card title={words.confirmTitle}><p>{words.linkBroken}</p></Card>;
  if (!wants) {
    return (
      <Card title={words.confirmTitle}>
        <p>{words.confirmAsk(link.email ?? words.thisAddress)}</p>
        <Action className="primary" label={words.confirm} run={() => tryTo(link, null)} />
      </Card>
    );
  }
  const { passkey } = wants;
  return (
    <Card title={words.oneMore}>
      <p>{words.oneMoreWhy}</p>
      {passkey ? <Action className="primary" label={words.confirmWithPasskey} run={async () => tryTo(link, { passkey: await usePasskey(passkey) })} />
        : <Known whose={link.email} send={(password) => tryTo(link, { password })} />}
      {link.email !== null && <Chosen email={link.email} send={(newPassword) => tryTo(link, { newPassword })} />}
    </Card>
  );
}

function Known({ whose, send }: { whose: string | null; send: (password: string) => Promise<Refusals> }) {
  const form = useForm(["password"], ({ password = "" }) => send(password));
  return (
    <Form form={form} button={words.confirm} whose={whose}>
      <Field form={form} name="password" label={words.passwordOfAccount} type="password" autoComplete="current-password" />
    </Form>
  );
}

function Chosen({ email, send }: { email: string; send: (newPassword: string) => Promise<Refusals> }) {
  const { offers } = useAuth();
  const form = useForm(["newPassword"], ({ newPassword = "" }) => send(newPassword));
  return (
    <section>
      <h2>{words.choosePassword(email)}</h2>
      <Form form={form} button={words.confirmWithNew} whose={email}>
        <Field form={form} name="newPassword" label={words.newPassword} type="password" autoComplete="new-password" hint={words.atLeast(offers.passwordMinLength)} />
      </Form>
    </section>
  );
}
