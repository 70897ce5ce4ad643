import { useState } from "react";
import { confirm, wantsPassword, type Link, type Proof } from "../confirmation";
import type { Send } from "../errors";
import type { Session } from "../session";
import { Field, Fields } from "./Fields";
import { useForm } from "./useForm";

interface Props {
  /** From takeLink, called once for the page. */
  link: Link | null;
  session: Session;
  send: Send;
  /** The account is confirmed and logged in. */
  done: () => void;
}

/** Confirm is the page of AUTHGRAPH_CONFIRM_URL. It sends nothing before a press: some mail programs open links. */
export function Confirm({ link, session, send, done }: Props) {
  const [elsewhere, setElsewhere] = useState(false);

  async function tryTo(to: Link, proof: Proof) {
    const { auth, status, errors } = await confirm(send, to, proof, session);
    if (auth || status === "SECOND_FACTOR_REQUIRED") done(); // then the new address is in effect, and the login asks for the factor
    if (proof || !wantsPassword(errors)) return errors;
    setElsewhere(true);
    return [];
  }

  if (!link) return <p>Open the link in the e-mail again. It is not complete.</p>;
  if (!elsewhere) {
    return (
      <>
        <h2>Confirm your e-mail address</h2>
        <p>Did you ask to use {link.email ?? "this e-mail address"} here? Then press the button. If not, close this page.</p>
        <Press send={() => tryTo(link, null)} />
      </>
    );
  }
  return (
    <>
      <h2>One more step</h2>
      <p>A password shows that it was you who asked for this e-mail.</p>
      <Known send={(password) => tryTo(link, { password })} />
      {link.email !== null && <Chosen email={link.email} send={(newPassword) => tryTo(link, { newPassword })} />}
    </>
  );
}

type Try<T extends unknown[]> = { send: (...proof: T) => ReturnType<Parameters<typeof useForm>[1]> };

function Press({ send }: Try<[]>) {
  const form = useForm([], () => send());
  return <Fields form={form} button="Confirm" />;
}

function Known({ send }: Try<[string]>) {
  const form = useForm(["password"], ({ password = "" }) => send(password));
  return (
    <Fields form={form} button="Confirm">
      <Field form={form} name="password" label="The password of this account" type="password" autoComplete="current-password" />
    </Fields>
  );
}

function Chosen({ email, send }: Try<[string]> & { email: string }) {
  const form = useForm(["newPassword"], ({ newPassword = "" }) => send(newPassword));
  return (
    <Fields form={form} button="Confirm with a new password">
      <Field form={form} name="newPassword" label={`Or a new password for ${email}`} type="password" autoComplete="new-password" />
    </Fields>
  );
}
