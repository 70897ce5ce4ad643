import { useEffect, useState } from "react";
import { AddApp } from "../account/AddApp";
import { LogOut } from "../account/LogOut";
import { RecoveryCodes } from "../account/RecoveryCodes";
import { Card } from "../Card";
import { at, type Refusals } from "../errors";
import { Action, Field, Form, useForm } from "../Form";
import { MakeRecoveryCodesDocument, ReauthenticateDocument, StartReauthenticationDocument, type ReauthenticateInput, type StartReauthenticationMutation } from "../gql/graphql";
import { addPasskey, passkeysWork, usePasskey } from "../passkey";
import { secondFactor } from "../Presence";
import { useAuth } from "../site";
import { words } from "../words";

type Ways = StartReauthenticationMutation["startReauthentication"];

/** SetUp is all that a limited session can do: this server demands a second factor of everybody. */
export function SetUp() {
  const { session, send, reload, offers } = useAuth();
  const [ways, setWays] = useState<Ways | null>(null);
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  useEffect(() => void send(StartReauthenticationDocument, { input: {} }).then((answer) => setWays(answer.startReauthentication), () => {}), [send]);

  const lifted = () => void session.renew().then(reload); // a token without the limit
  const added = (codes: readonly string[] | null) => (codes ? setCodes(codes) : lifted());
  const passkey = async () => {
    const { recoveryCodes, errors } = await addPasskey(send, true);
    if (errors.length === 0) added(recoveryCodes ?? null);
    return errors;
  };

  if (codes) return <Card title={words.setUpTitle}><RecoveryCodes codes={codes} kept={lifted} /></Card>;
  if (!ways) return <Card title={words.setUpTitle}><p role="status">{words.oneMoment}</p></Card>;
  const has = ways.methods.some((kind) => kind === "TOTP" || kind === "PASSKEY");
  return (
    <Card title={has ? words.proveTitle : words.setUpTitle}>
      {has ? <Prove ways={ways} proved={setCodes} /> : (
        <>
          <p>{words.setUpWhy}</p>
          <AddApp added={added} />
          {offers.passkeys && passkeysWork() && <Action className="wide" label={words.addPasskey} run={passkey} />}
        </>
      )}
      <LogOut />
    </Card>
  );
}

/** Prove is for an account that has a factor already, which is not asked for: the proof switches it on. */
function Prove({ ways: { methods, passkeyOptions }, proved }: { ways: Ways; proved: (codes: readonly string[]) => void }) {
  const { send } = useAuth();
  const prove = async (input: ReauthenticateInput): Promise<Refusals> => {
    const { reauthenticate } = await send(ReauthenticateDocument, { input });
    if (reauthenticate.errors.length > 0) return reauthenticate.errors;
    const { makeRecoveryCodes } = await send(MakeRecoveryCodesDocument, {});
    proved(makeRecoveryCodes.recoveryCodes ?? []);
    return makeRecoveryCodes.errors;
  };
  const form = useForm(["code"], async ({ code = "" }) => at("code", await prove(secondFactor(code))));
  return (
    <>
      {passkeyOptions && <Action className="wide" label={words.usePasskey} run={async () => prove({ passkey: await usePasskey(passkeyOptions) })} />}
      {methods.includes("TOTP") && (
        <Form form={form} button={words.goOn}>
          <Field form={form} name="code" label={words.code} autoComplete="one-time-code" />
        </Form>
      )}
    </>
  );
}
