import { useState } from "react";
import { takeLink } from "../confirmation";
import { words, type Send } from "../errors";
import { LogoutDocument, type MeQuery, type RefusalFragment } from "../gql/graphql";
import type { Session } from "../session";
import { Account } from "./Account";
import { Confirm } from "./Confirm";
import { Login, SignUp } from "./Login";
import { AddPasskey } from "./Passkeys";
import { Forgotten, Reset } from "./Reset";
import { Sessions } from "./Sessions";

const link = takeLink(); // once, when the page is loaded

interface Props {
  /** What the query Me answered: null for a visitor, undefined while it runs. */
  me: MeQuery["me"] | undefined;
  /** What the query Me failed with. */
  error: unknown;
  session: Session;
  send: Send;
  revoke: (id: string) => Promise<readonly RefusalFragment[]>;
}

/** Page is /confirm and /reset, to which e-mails link, and else the account or the ways to it. */
export function Page({ me, error, session, send, revoke }: Props) {
  const [path, setPath] = useState(location.pathname);
  const [problem, setProblem] = useState("");

  const home = () => {
    history.replaceState(null, "", "/");
    setPath("/");
  };
  const logout = () => send(LogoutDocument, { input: { refreshToken: session.refreshToken } })
    .then(() => session.end(), (error: unknown) => setProblem(words(error)));

  if (path === "/confirm") return <Confirm link={link} session={session} send={send} done={home} />;
  if (path === "/reset") return <Reset link={link} session={session} send={send} done={home} />;
  if (error) return <p role="alert">{words(error)}</p>;
  if (me === undefined) return <p>One moment.</p>;
  if (me === null) {
    return (
      <>
        <h2>Log in</h2>
        <Login session={session} send={send} />
        <h2>Sign up</h2>
        <SignUp session={session} send={send} />
        <h2>Forgot your password?</h2>
        <Forgotten send={send} />
      </>
    );
  }
  return (
    <>
      <h2>{me.email ?? me.username}</h2>
      <p><button type="button" onClick={logout}>Log out</button></p>
      <p role="alert">{problem}</p>
      <h2>Change your account</h2>
      <Account me={me} send={send} />
      <h2>Passkeys</h2>
      <AddPasskey send={send} />
      <h2>Where you are logged in</h2>
      <Sessions sessions={me.sessions ?? []} revoke={revoke} />
    </>
  );
}
