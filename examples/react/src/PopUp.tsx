import { useEffect, useState } from "react";
import type { Refusals } from "./errors";
import { Action } from "./Form";
import type { ProviderPurpose } from "./gql/graphql";
import { popUp, type Answer } from "./provider";
import { useAuth } from "./site";
import { words } from "./words";

interface Props {
  provider: string;
  label: string;
  className?: string;
  purpose: ProviderPurpose;
  take: (answer: Answer) => Promise<Refusals>;
}

/** PopUp is a button that asks a provider in another window. Nobody can see that the window was closed: people say so. */
export function PopUp({ provider, label, className, purpose, take }: Props) {
  const { send, plainSend, site } = useAuth();
  const [waiting, setWaiting] = useState<AbortController | null>(null);
  useEffect(() => () => waiting?.abort(), [waiting]);

  const run = async () => {
    const given = new AbortController();
    setWaiting(given);
    try {
      const answer = await popUp({ provider, returnUrl: site.returnUrl, purpose, signal: given.signal, send: plainSend, askingSend: send });
      return "code" in answer ? await take(answer) : answer;
    } finally {
      setWaiting(null);
    }
  };
  return (
    <>
      <Action className={className} label={label} run={run} />
      {waiting && <p className="hint" role="status">{words.inWindow} <button type="button" onClick={() => waiting.abort()}>{words.cancel}</button></p>}
    </>
  );
}
