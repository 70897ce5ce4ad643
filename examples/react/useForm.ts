import { useState, type SubmitEvent } from "react";
import { nothing, place, words, type Shown } from "../errors";
import type { RefusalFragment } from "../gql/graphql";

export type Values = Record<string, string>;

export interface Form {
  shown: Shown;
  busy: boolean;
  onSubmit: (event: SubmitEvent<HTMLFormElement>) => Promise<void>;
}

/**
 * useForm sends what was typed and shows what is wrong. What was typed stays.
 * @param fields the names of the form's fields.
 * @param send resolves to the payload's errors, empty on success; rejects with top-level errors.
 */
export function useForm(fields: readonly string[], send: (values: Values) => Promise<readonly RefusalFragment[]>): Form {
  const [shown, setShown] = useState(nothing);
  const [busy, setBusy] = useState(false);

  async function onSubmit(event: SubmitEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    if (busy) return;
    const typed = new FormData(event.currentTarget);
    const values = Object.fromEntries(fields.map((name) => [name, String(typed.get(name) ?? "")]));
    setBusy(true);
    setShown(nothing);
    try {
      setShown(place(await send(values), fields));
    } catch (error) {
      setShown({ fields: {}, form: words(error) });
    } finally {
      setBusy(false);
    }
  }

  return { shown, busy, onSubmit };
}
