import { useEffect, useId, useRef, useState, type InputHTMLAttributes, type ReactNode, type SubmitEvent } from "react";
import { Captcha } from "./Captcha";
import { clock, failed, nothing, place, type Refusals, type Shown } from "./errors";
import { words } from "./words";

export type Values = Record<string, string>;

export interface FormState {
  shown: Shown;
  busy: boolean;
  onSubmit: (event: SubmitEvent<HTMLFormElement>) => Promise<void>;
}

/**
 * useForm sends what was typed and shows what is wrong. What was typed stays.
 * @param fields the names of the form's fields.
 * @param send resolves to the payload's errors, empty on success; rejects with top-level errors.
 */
export function useForm(fields: readonly string[], send: (values: Values) => Promise<Refusals>): FormState {
  const [shown, setShown] = useState(nothing);
  const [busy, setBusy] = useState(false);

  async function onSubmit(event: SubmitEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    if (busy) return;
    const typed = new FormData(event.currentTarget, event.nativeEvent.submitter);
    setBusy(true);
    setShown(nothing);
    try {
      setShown(place(await send(Object.fromEntries([...typed].map(([name, value]) => [name, String(value)]))), fields));
    } catch (error) {
      setShown(failed(error));
    } finally {
      setBusy(false);
    }
  }

  return { shown, busy, onSubmit };
}

interface FormProps {
  form: FormState;
  button: string;
  danger?: boolean;
  /** Whose password it is, for password managers, where no field says so. */
  whose?: string | null;
  /** The mutation that may want the answer of a CAPTCHA. */
  captcha?: string;
  /** More buttons. */
  others?: ReactNode;
  children?: ReactNode;
}

/** Form is its fields, what is wrong with none of them, and the button. */
export function Form({ form, button, danger, whose, captcha, others, children }: FormProps) {
  const ref = useRef<HTMLFormElement>(null);
  const { shown } = form;
  useEffect(() => {
    ref.current?.querySelector<HTMLElement>("[aria-invalid=true], [role=alert]:not(:empty)")?.focus();
  }, [shown]);
  return (
    <form ref={ref} method="post" onSubmit={form.onSubmit} noValidate>
      {whose && <input className="unseen" autoComplete="username" value={whose} readOnly tabIndex={-1} aria-hidden />}
      {children}
      {captcha && <Captcha mutation={captcha} shown={shown} />}
      <Problem shown={shown} />
      <button type="submit" className={danger ? "danger" : "primary"} aria-disabled={form.busy}>{button}</button>
      {others}
    </form>
  );
}

/** Problem is what is wrong, or how long to wait. */
export function Problem({ shown: { form, wait } }: { shown: Shown }) {
  return (
    <>
      <p className="problem" role="alert" tabIndex={-1}>{form}</p>
      {wait > 0 && <Countdown key={`${wait}`} seconds={wait} />}
    </>
  );
}

function Countdown({ seconds }: { seconds: number }) {
  const [left, setLeft] = useState(seconds);
  const ref = useRef<HTMLParagraphElement>(null);
  useEffect(() => ref.current?.focus(), []); // so that it is told, once
  useEffect(() => {
    const until = Date.now() + seconds * 1000;
    const timer = setInterval(() => setLeft(Math.max(0, Math.ceil((until - Date.now()) / 1000))), 500);
    return () => clearInterval(timer);
  }, [seconds]);
  return (
    <p ref={ref} className={left > 0 ? "problem" : "hint"} role={left > 0 ? "timer" : "status"} tabIndex={-1}>
      {left > 0 ? words.tooMany(clock(left)) : words.tryAgainNow}
    </p>
  );
}

interface FieldProps extends Omit<InputHTMLAttributes<HTMLInputElement>, "form"> {
  form: FormState;
  /** As the field of the input is called, so that errors find it. */
  name: string;
  label: string;
  hint?: string;
}

/** Field is an input with its label, and below it what is wrong with it. */
export function Field({ form, name, label, hint, type = "text", ...rest }: FieldProps) {
  const id = useId();
  const [open, setOpen] = useState(false);
  const problem = form.shown.fields[name];
  const secret = type === "password";
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <div className="box">
        <input id={id} name={name} type={secret && open ? "text" : type} aria-invalid={Boolean(problem)} aria-describedby={`${id}-hint ${id}-problem`}
          autoCapitalize="none" spellCheck={false} {...rest} />
        {secret && <button type="button" aria-pressed={open} aria-label={words.showOf(label)} onClick={() => setOpen(!open)}>{open ? words.hide : words.show}</button>}
      </div>
      <p id={`${id}-hint`} className="hint">{hint}</p>
      <p id={`${id}-problem`} className="problem">{problem}</p>
    </div>
  );
}

/** Fold hides a form until somebody wants it. */
export function Fold({ label, children }: { label: string; children: ReactNode }) {
  return <details><summary>{label}</summary>{children}</details>;
}

/** Check is a box to tick. */
export function Check({ label, ...rest }: { label: string } & InputHTMLAttributes<HTMLInputElement>) {
  return <label className="check"><input type="checkbox" {...rest} /> {label}</label>;
}

/** useAction runs what a button does, and keeps what was wrong. */
export function useAction(run: () => Promise<Refusals>): { shown: Shown; busy: boolean; press: () => void } {
  const [shown, setShown] = useState(nothing);
  const [busy, setBusy] = useState(false);
  const press = () => {
    if (busy) return;
    setBusy(true);
    setShown(nothing);
    void run().then((errors) => setShown(place(errors, [])), (error) => setShown(failed(error))).finally(() => setBusy(false));
  };
  return { shown, busy, press };
}

interface ActionProps {
  label: string;
  run: () => Promise<Refusals>;
  className?: string;
  /** What it is about, for those who do not see what is beside it. */
  about?: string;
}

/** Action is a button, and below it what was wrong. */
export function Action({ label, run, className, about }: ActionProps) {
  const { shown, busy, press } = useAction(run);
  return (
    <>
      <button type="button" className={className} aria-disabled={busy} aria-label={about && `${label}: ${about}`} onClick={press}>{label}</button>
      <Problem shown={shown} />
    </>
  );
}
