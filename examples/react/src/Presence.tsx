import { useCallback, useLayoutEffect, useRef, useState, type ReactNode } from "react";
import type { Send } from "./client/types";
import { at, RequestError, type Refusals } from "./errors";
import { Action, Field, Form, useForm } from "./Form";
import { ReauthenticateDocument, StartReauthenticationDocument, type ReauthenticateInput, type StartReauthenticationMutation } from "./gql/graphql";
import { usePasskey } from "./passkey";
import { PopUp } from "./PopUp";
import { useAuth } from "./site";
import { words } from "./words";

type Ways = StartReauthenticationMutation["startReauthentication"];
interface Question { ways: Ways; answered: (proved: boolean) => void }

/**
 * usePresence is a Send that asks the person to prove that they are there where the server wants that
 * (REAUTHENTICATION_REQUIRED), and then repeats. Closing the question rejects with the server's error.
 */
export function usePresence(send: Send): { send: Send; question: ReactNode } {
  const [question, ask] = useState<Question | null>(null);
  const asking: Send = useCallback(async (document, variables) => {
    try {
      return await send(document, variables);
    } catch (error) {
      if (!(error instanceof RequestError) || error.code !== "REAUTHENTICATION_REQUIRED") throw error;
      const { startReauthentication: ways } = await send(StartReauthenticationDocument, { input: {} });
      const proved = await new Promise<boolean>((answered) => ask({ ways, answered }));
      ask(null);
      if (!proved) throw error;
      return send(document, variables);
    }
  }, [send]);
  return { send: asking, question: question && <Presence {...question} send={send} /> };
}

function Presence({ ways: { methods, passkeyOptions }, answered, send }: Question & { send: Send }) {
  const { site, offers, me } = useAuth();
  const ref = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const dialog = ref.current!;
    dialog.showModal();
    dialog.querySelector<HTMLElement>("input:not([tabindex]), button.wide")?.focus();
    return () => dialog.close(); // gives the focus back
  }, []);

  const prove = async (input: ReauthenticateInput): Promise<Refusals> => {
    const { reauthenticate: { errors } } = await send(ReauthenticateDocument, { input });
    if (errors.length === 0) answered(true);
    return errors;
  };
  const takes = (kind: Ways["methods"][number]) => methods.includes(kind);
  const mine = offers.providers.filter(({ id }) => me?.identities?.some((identity) => identity.provider === id));

  return (
    <dialog ref={ref} className="card" aria-labelledby="presence" onClose={() => ref.current?.open || answered(false)}>
      <h2 id="presence">{words.proveYou}</h2>
      <p>{words.proveWhy}</p>
      {takes("PASSWORD") && <ByPassword whose={me?.email ?? me?.username} prove={(password) => prove({ password })} />}
      {(takes("TOTP") || takes("RECOVERY_CODE")) && <ByCode prove={(code) => prove(secondFactor(code))} />}
      {passkeyOptions && <Action className="wide" label={words.usePasskey} run={async () => prove({ passkey: await usePasskey(passkeyOptions) })} />}
      {takes("EMAIL_CODE") && <ByMail send={send} prove={(emailCode) => prove({ emailCode })} />}
      {takes("PROVIDER") && site.returnUrl && mine.map(({ id, name }) => (
        <PopUp key={id} className="wide" provider={id} label={words.proveWith(name)} purpose="REAUTHENTICATE" take={(provider) => prove({ provider })} />
      ))}
      {methods.length === 0 && <p>{words.nothingHere}</p>}
      <button type="button" className="wide quiet" onClick={() => ref.current?.close()}>{words.cancel}</button>
    </dialog>
  );
}

/** An app shows six digits; a recovery code is longer. */
export const secondFactor = (code: string) => (code.replace(/\s/g, "").length > 8 ? { recoveryCode: code } : { totpCode: code });

function ByPassword({ whose, prove }: { whose: string | null | undefined; prove: (password: string) => Promise<Refusals> }) {
  const form = useForm(["password"], ({ password = "" }) => prove(password));
  return (
    <Form form={form} button={words.goOn} whose={whose}>
      <Field form={form} name="password" label={words.password} type="password" autoComplete="current-password" />
    </Form>
  );
}

function ByCode({ prove }: { prove: (code: string) => Promise<Refusals> }) {
  const form = useForm(["code"], async ({ code = "" }) => at("code", await prove(code)));
  return (
    <Form form={form} button={words.goOn}>
      <Field form={form} name="code" label={words.code} autoComplete="one-time-code" />
    </Form>
  );
}

function ByMail({ send, prove }: { send: Send; prove: (code: string) => Promise<Refusals> }) {
  const [sent, setSent] = useState(false);
  const form = useForm(["emailCode"], ({ emailCode = "" }) => prove(emailCode));
  const order = async () => {
    const { startReauthentication: { errors } } = await send(StartReauthenticationDocument, { input: { sendCode: true } });
    setSent(errors.length === 0);
    return errors;
  };
  if (!sent) return <Action className="wide" label={words.mailCode} run={order} />;
  return (
    <Form form={form} button={words.goOn}>
      <Field form={form} name="emailCode" label={words.emailCode} autoComplete="one-time-code" inputMode="numeric" />
    </Form>
  );
}
