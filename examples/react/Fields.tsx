import { useId, type InputHTMLAttributes, type ReactNode } from "react";
import type { Form } from "./useForm";

interface FieldProps extends Omit<InputHTMLAttributes<HTMLInputElement>, "form"> {
  form: Form;
  /** As the field of the input is called, so that errors find it. */
  name: string;
  label: string;
}

/** Field is an input with its label, and below it what is wrong with it. */
export function Field({ form, name, label, ...rest }: FieldProps) {
  const id = useId();
  const problem = form.shown.fields[name];
  return (
    <p>
      <label htmlFor={id}>{label}</label><br />
      <input id={id} name={name} aria-invalid={Boolean(problem)} aria-describedby={`${id}-problem`} {...rest} /><br />
      <span id={`${id}-problem`} role="alert">{problem}</span>
    </p>
  );
}

/** Fields is a form: its fields, what is wrong with none of them, and the button. */
export function Fields({ form, button, children }: { form: Form; button: string; children?: ReactNode }) {
  return (
    <form onSubmit={form.onSubmit} noValidate>
      {children}
      <p role="alert">{form.shown.form}</p>
      <button type="submit" aria-disabled={form.busy}>{button}</button>
    </form>
  );
}
