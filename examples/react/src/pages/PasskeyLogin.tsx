import { useEffect, useRef, useState } from "react";
import { failed, nothing, place, type Refusals } from "../errors";
import { Problem } from "../Form";
import { autofillWorks, loginWithPasskey, passkeysWork } from "../passkey";
import { useAuth } from "../site";
import { words } from "../words";

/** PasskeyLogin is a button, and offers passkeys in the autofill of the form above while it is on the page. */
export function PasskeyLogin({ autofill }: { autofill: boolean }) {
  const { session, send } = useAuth();
  const [shown, setShown] = useState(nothing);
  const waiting = useRef<AbortController>(undefined);

  const tell = (attempt: Promise<Refusals>) => attempt.then((errors) => setShown(place(errors, [])), (error) => setShown(failed(error)));

  useEffect(() => {
    const form = new AbortController();
    waiting.current = form;
    void autofillWorks().then((works) => {
      if (works && autofill && !form.signal.aborted) void tell(loginWithPasskey(session, send, { autofill: true, signal: form.signal }));
    });
    return () => form.abort();
  }, [session, send, autofill]);

  if (!passkeysWork()) return null;
  const press = () => {
    waiting.current?.abort(); // a page may wait for one passkey at a time
    setShown(nothing);
    void tell(loginWithPasskey(session, send));
  };
  return (
    <>
      <button type="button" className="wide" onClick={press}>{words.withPasskey}</button>
      <Problem shown={shown} />
    </>
  );
}
