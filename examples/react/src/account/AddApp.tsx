import { useState } from "react";
import { Heading } from "../Card";
import { Action, Field, Form, useForm } from "../Form";
import { AddTotpDocument, ConfirmTotpDocument, type AddTotpMutation } from "../gql/graphql";
import { useAuth } from "../site";
import { words } from "../words";

type Begun = AddTotpMutation["addTotp"];

/** AddApp adds an authenticator app. `added` gets the recovery codes, with the first factor. */
export function AddApp({ added }: { added: (codes: readonly string[] | null) => void }) {
  const { send, reload } = useAuth();
  const [begun, setBegun] = useState<Begun | null>(null);
  const begin = async () => {
    const { addTotp } = await send(AddTotpDocument, {});
    if (addTotp.id) setBegun(addTotp);
    return addTotp.errors;
  };
  const form = useForm(["code"], async ({ code = "" }) => {
    const { confirmTotp: { factor, recoveryCodes, errors } } = await send(ConfirmTotpDocument, { input: { id: begun?.id ?? "", code } });
    if (factor) {
      setBegun(null);
      added(recoveryCodes ?? null);
      reload();
    }
    return errors;
  });
  if (!begun) return <Action label={words.addApp} run={begin} />;
  const { secret, uri, qrCode } = begun;
  return (
    <div className="app">
      <Heading as="h3">{words.addApp}</Heading>
      <p>{words.scan}</p>
      {qrCode && <a href={uri ?? undefined}><img src={`data:image/svg+xml,${encodeURIComponent(qrCode)}`} alt={words.qrCode} width="200" height="200" /></a>}
      <p>{words.key}: <code>{secret?.replace(/(.{4})(?=.)/g, "$1 ")}</code></p>
      <Form form={form} button={words.add} others={<button type="button" className="wide quiet" onClick={() => setBegun(null)}>{words.cancel}</button>}>
        <Field form={form} name="code" label={words.codeShown} autoComplete="one-time-code" inputMode="numeric" />
      </Form>
    </div>
  );
}
