import { useState } from "react";
import { Form, useForm } from "../Form";
import { SetLanguageDocument } from "../gql/graphql";
import { useAuth, type Me } from "../site";
import { words } from "../words";

const base = (tag: string): string => tag.split("-")[0] ?? tag;

/** Each language by its own name. */
const nameOf = (tag: string): string => new Intl.DisplayNames([tag], { type: "language" }).of(tag) ?? tag;

/** Language is that of the e-mails to this person. */
export function Language({ me }: { me: Me }) {
  const { offers: { locales }, send, reload } = useAuth();
  const [done, setDone] = useState(false);
  const now = me.locale ?? locales[0] ?? "";
  const form = useForm(["locale"], async ({ locale }) => {
    setDone(false);
    const { updateProfile: { errors } } = await send(SetLanguageDocument, { locale });
    setDone(errors.length === 0);
    if (errors.length === 0) reload();
    return errors;
  });
  return (
    <Form form={form} button={words.save}>
      <div className="field">
        <select name="locale" aria-label={words.language} defaultValue={locales.find((tag) => tag === now) ?? locales.find((tag) => base(tag) === base(now))}>
          {locales.map((tag) => <option key={tag} value={tag} lang={tag}>{nameOf(tag)}</option>)}
        </select>
        <p className="problem">{form.shown.fields.locale}</p>
      </div>
      {done && <p role="status">{words.saved}</p>}
    </Form>
  );
}
