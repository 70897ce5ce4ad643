import { useState } from "react";
import type { Send } from "../errors";
import { UpdateAccountDocument, type MeQuery } from "../gql/graphql";
import { Field, Fields } from "./Fields";
import { useForm } from "./useForm";

type Me = NonNullable<MeQuery["me"]>;

/** Account changes the address or the password. What is left empty stays. */
export function Account({ me, send }: { me: Me; send: Send }) {
  const [saved, setSaved] = useState(false);
  const form = useForm(["email", "newPassword", "currentPassword"], async ({ email, newPassword, currentPassword = "" }) => {
    setSaved(false);
    const input = { currentPassword, email: email || null, newPassword: newPassword || null };
    const { updateAccount } = await send(UpdateAccountDocument, { input });
    setSaved(updateAccount.user !== null);
    return updateAccount.errors;
  });
  return (
    <Fields form={form} button="Save">
      {me.pendingEmail && <p>Open the link in the e-mail to {me.pendingEmail}: then that is your address.</p>}
      <Field form={form} name="email" label="New e-mail address" type="email" autoComplete="email" placeholder={me.email ?? ""} />
      <Field form={form} name="newPassword" label="New password" type="password" autoComplete="new-password" />
      <Field form={form} name="currentPassword" label="Present password" type="password" autoComplete="current-password" />
      {saved && <p role="status">Saved.</p>}
    </Fields>
  );
}
