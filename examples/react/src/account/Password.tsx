import { useState } from "react";
import { Field, Fold, Form, useForm } from "../Form";
import { useAuth, type Me } from "../site";
import { words } from "../words";
import { Current, useUpdate } from "./Address";

/** Password changes it, or sets the first one. The other sessions end. */
export function Password({ me }: { me: Me }) {
  const { offers } = useAuth();
  const update = useUpdate();
  const [done, setDone] = useState(0);
  const form = useForm(["currentPassword", "newPassword"], async ({ currentPassword, newPassword }) => {
    const errors = await update({ currentPassword, newPassword });
    if (errors.length === 0) setDone(done + 1);
    return errors;
  });
  return (
    <>
      <Fold key={done} label={me.hasPassword ? words.changePassword : words.firstPassword}>
        <Form form={form} button={words.save} whose={me.email ?? me.username}>
          <Current form={form} me={me} />
          <Field form={form} name="newPassword" label={words.newPassword} type="password" autoComplete="new-password" hint={words.atLeast(offers.passwordMinLength)} />
        </Form>
      </Fold>
      {done > 0 && <p className="notice good" role="status">{words.passwordChanged}</p>}
    </>
  );
}
