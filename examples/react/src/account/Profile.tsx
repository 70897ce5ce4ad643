import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { parse } from "graphql";
import { useMemo, useState } from "react";
import { useQuery } from "../client";
import type { Refusals } from "../errors";
import { Field, Form, useForm, type FormState, type Values } from "../Form";
import { useAuth, type ProfileField } from "../site";
import { words } from "../words";

type Value = string | number | boolean | string[] | null;
type Kept = Record<string, Value>;
interface Read { me: { profile: Kept | null } | null }
interface Wrote { updateProfile: { errors: Refusals } }

/** The operator declares the fields, so that no code generator of ours knows them. In your app, write these two into operations.graphql. */
function documents(names: string) {
  return {
    read: parse(`query Profile { me { id profile { ${names} } } }`) as TypedDocumentNode<Read, object>,
    write: parse(`mutation UpdateProfile($input: UpdateProfileInput!) {
      updateProfile(input: $input) { errors { code message field retryAfter } }
    }`) as TypedDocumentNode<Wrote, { input: { profile: Kept } }>,
  };
}

/** Profile shows what the application keeps of the person, and changes it. */
export function Profile() {
  const { site: { profile } } = useAuth();
  const { read, write } = useMemo(() => documents(profile.map(({ name }) => name).join(" ")), [profile]);
  const { data, again } = useQuery(read, {});
  if (!data) return <p>{words.oneMoment}</p>;
  return <Fields kept={data.me?.profile ?? {}} write={write} saved={again} />;
}

function Fields({ kept, write, saved }: { kept: Kept; write: ReturnType<typeof documents>["write"]; saved: () => void }) {
  const { site: { profile }, send } = useAuth();
  const [done, setDone] = useState(false);
  const form = useForm(profile.map(({ name }) => name), async (values) => {
    const input = { profile: Object.fromEntries(profile.map((field) => [field.name, typed(field, values)])) };
    const { updateProfile: { errors } } = await send(write, { input });
    setDone(errors.length === 0);
    if (errors.length === 0) saved();
    return errors;
  });
  return (
    <Form form={form} button={words.save}>
      {profile.map((field) => <Input key={field.name} field={field} value={kept[field.name] ?? null} form={form} />)}
      {done && <p role="status">{words.saved}</p>}
    </Form>
  );
}

/** typed is a field's value: what is empty is cleared. */
function typed({ name, kind }: ProfileField, values: Values): Value {
  const value = values[name] ?? "";
  if (kind === "checkbox") return value !== "";
  if (value.trim() === "") return null;
  if (kind === "number") return Number(value);
  return kind === "list" ? value.split(",").map((item) => item.trim()).filter(Boolean) : value;
}

function Input({ field: { name, label, kind }, value, form }: { field: ProfileField; value: Value; form: FormState }) {
  const problem = <p className="problem">{form.shown.fields[name]}</p>;
  if (kind === "checkbox") return <div className="field"><label className="check"><input type="checkbox" name={name} defaultChecked={value === true} /> {label}</label>{problem}</div>;
  if (typeof kind === "string") {
    return <Field form={form} name={name} label={label} type={kind === "number" ? "number" : "text"} step="any" autoComplete="off" autoCapitalize="sentences"
      hint={kind === "list" ? words.separated : undefined} defaultValue={String(value ?? "")} />;
  }
  return (
    <div className="field">
      <label>{label} <select name={name} defaultValue={String(value ?? "")}>
        <option value="">{words.none}</option>
        {kind.map((choice) => <option key={choice}>{choice}</option>)}
      </select></label>
      {problem}
    </div>
  );
}
