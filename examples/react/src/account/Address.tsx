import { useState } from "react";
import { Action, Field, Fold, Form, useForm, type FormState } from "../Form";
import { UpdateAccountDocument, type UpdateAccountInput } from "../gql/graphql";
import { useAuth, type Me } from "../site";
import { words } from "../words";

/** useUpdate sends a change of the account. */
export function useUpdate() {
  const { send, reload } = useAuth();
  return async (input: UpdateAccountInput) => {
    const { updateAccount: { errors } } = await send(UpdateAccountDocument, { input });
    if (errors.length === 0) reload();
    return errors;
  };
}

/** Current asks for the present password, which every change of an account with a password needs. */
export function Current({ form, me }: { form: FormState; me: Me }) {
  if (!me.hasPassword) return null;
  return <Field form={form} name="currentPassword" label={words.currentPassword} type="password" autoComplete="current-password" />;
}

/** Address changes the e-mail address. The new one is valid once the link that is sent to it was opened. */
export function Address({ me }: { me: Me }) {
  const update = useUpdate();
  const [sent, setSent] = useState(0);
  const form = useForm(["email", "currentPassword"], async ({ email, currentPassword }) => {
    const errors = await update({ email, currentPassword });
    if (errors.length === 0) setSent(sent + 1); // a new form, without what was typed
    return errors;
  });
  return (
    <>
      <p>{me.email ? words.addressNow(me.email) : words.addressNone} {me.email && !me.confirmedAt && words.addressUnproved}</p>
      {me.pendingEmail && <p className="notice good" role="status">{words.addressWaits(me.pendingEmail)}</p>}
      {me.email && !me.confirmedAt && !me.hasPassword && <Action label={words.sendAgain} run={() => update({ email: me.email })} />}
      <Fold key={sent} label={words.changeAddress}>
        <Form form={form} button={words.save} whose={me.email ?? me.username}>
          <Field form={form} name="email" label={words.newAddress} type="email" autoComplete="email" />
          <Current form={form} me={me} />
        </Form>
      </Fold>
    </>
  );
}

export function Username({ me }: { me: Me }) {
  const update = useUpdate();
  const [sent, setSent] = useState(0);
  const form = useForm(["username", "currentPassword"], async ({ username, currentPassword }) => {
    const errors = await update({ username, currentPassword });
    if (errors.length === 0) setSent(sent + 1);
    return errors;
  });
  return (
    <>
      {me.username && <p>{words.usernameNow(me.username)}</p>}
      <Fold key={sent} label={words.changeUsername}>
        <Form form={form} button={words.save}>
          <Field form={form} name="username" label={words.newUsername} autoComplete="off" />
          <Current form={form} me={me} />
        </Form>
      </Fold>
      {sent > 0 && <p role="status">{words.saved}</p>}
    </>
  );
}
