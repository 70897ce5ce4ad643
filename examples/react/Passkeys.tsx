import { useEffect, useState } from "react";
import { words, type Send } from "../errors";
import type { RefusalFragment } from "../gql/graphql";
import { addPasskey, autofillWorks, isCancelled, isHereAlready, loginWithPasskey, passkeysWork } from "../passkey";
import type { Session } from "../session";

interface Props {
  session: Session;
  send: Send;
}

/** PasskeyLogin is a button, and offers passkeys in the autofill of the form beside it while it is on the page. */
export function PasskeyLogin({ session, send }: Props) {
  const [problem, setProblem] = useState("");
  const [waiting, setWaiting] = useState<AbortController | null>(null);

  const tell = (attempt: Promise<readonly RefusalFragment[]>) => attempt.then(
    (errors) => setProblem(errors.map(({ message }) => message).join(" ")),
    (error: unknown) => setProblem(isCancelled(error) ? "" : words(error)),
  );

  useEffect(() => {
    const form = new AbortController();
    setWaiting(form);
    void autofillWorks().then((works) => {
      if (works && !form.signal.aborted) void tell(loginWithPasskey(session, send, { autofill: true, signal: form.signal }));
    });
    return () => form.abort();
  }, [session, send]);

  if (!passkeysWork()) return null;
  const press = () => {
    waiting?.abort(); // a page may wait for one passkey at a time
    void tell(loginWithPasskey(session, send));
  };
  return (
    <p>
      <button type="button" onClick={press}>Log in with a passkey</button><br />
      <span role="alert">{problem}</span>
    </p>
  );
}

/** AddPasskey adds one on this device, or on a key or a phone. */
export function AddPasskey({ send }: { send: Send }) {
  const [said, setSaid] = useState("");
  if (!passkeysWork()) return null;
  const press = () => addPasskey(send).then(
    (errors) => setSaid(errors.map(({ message }) => message).join(" ") || "Added. From now on it logs you in."),
    (error: unknown) => setSaid(isHereAlready(error) ? "This device has a passkey of yours already." : isCancelled(error) ? "" : words(error)),
  );
  return (
    <p>
      <button type="button" onClick={press}>Add a passkey</button><br />
      <span role="status">{said}</span>
    </p>
  );
}
