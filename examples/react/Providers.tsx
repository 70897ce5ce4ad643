import { useEffect, useState } from "react";
import { words, type Send } from "../errors";
import { LinkIdentityDocument, type ProvidersQuery } from "../gql/graphql";
import { leaveFor, loginWithProvider, type Came } from "../provider";
import type { Session } from "../session";
import { SecondFactor } from "./SecondFactor";

export type ProviderList = ProvidersQuery["authConfig"]["providers"];

/** Where the browser comes back to: one of AUTHGRAPH_RETURN_URLS. */
const returnUrl = `${location.origin}/signed-in`;

/** Providers is a button for each. */
export function Providers({ list, send }: { list: ProviderList; send: Send }) {
  const [problem, setProblem] = useState("");
  const leave = (id: string) => void leaveFor(send, id, returnUrl).then(
    (errors) => setProblem(errors.map(({ message }) => message).join(" ")),
    (error: unknown) => setProblem(words(error)),
  );
  return (
    <p>
      {list.map(({ id, name }) => <button key={id} type="button" onClick={() => leave(id)}>Continue with {name}</button>)}<br />
      <span role="alert">{problem}</span>
    </p>
  );
}

interface Props {
  came: Came;
  session: Session;
  send: Send;
  done: () => void;
  /** An account with the address exists: its owner logs in, and then `linkIdentity` takes the token. */
  offer: (token: string) => void;
}

/** SignedIn goes on with what came back from a provider. */
export function SignedIn({ came, session, send, done, offer }: Props) {
  const [said, setSaid] = useState("One moment.");
  const [challenge, setChallenge] = useState<string | null>(null);
  useEffect(() => {
    void loginWithProvider(session, send, came).then((outcome) => {
      if (!outcome) return; // React runs effects twice in development
      if (outcome.auth) done();
      if (outcome.challenge) setChallenge(outcome.challenge.token);
      if (outcome.link) offer(outcome.link.token);
      setSaid(outcome.link ? "You have an account already. Log in to it as before, and this login opens it from now on." : outcome.errors.map(({ message }) => message).join(" "));
    }, (error: unknown) => setSaid(words(error)));
  }, [came, session, send, done, offer]);
  if (challenge !== null) return <SecondFactor session={session} send={send} challenge={challenge} done={done} again={done} />;
  return (
    <>
      <p role="alert">{said}</p>
      <p><button type="button" onClick={done}>Go on</button></p>
    </>
  );
}

/** Links what was offered before, now that its owner has logged in. */
export const linkOffered = (send: Send, token: string): Promise<string> => send(LinkIdentityDocument, { input: { token } }).then(
  ({ linkIdentity: { errors } }) => errors.map(({ message }) => message).join(" ") || "Linked.",
  (error: unknown) => words(error),
);
