import { useCallback, useState } from "react";
import { takeLink } from "../confirmation";
import { words, type Send } from "../errors";
import { LogoutDocument, type MeQuery, type RefusalFragment } from "../gql/graphql";
import { takeCame } from "../provider";
import type { Session } from "../session";
import { Account } from "./Account";
import { Confirm } from "./Confirm";
import { Login, SignUp } from "./Login";
import { AddPasskey } from "./Passkeys";
import { linkOffered, Providers, SignedIn, type ProviderList } from "./Providers";
import { Forgotten, Reset } from "./Reset";
import { Sessions } from "./Sessions";

const link = takeLink(); // once, when the page is loaded
const came = takeCame();

interface Props {
  /** What the query Me answered: null for a visitor, undefined while it runs. */
  me: MeQuery["me"] | undefined;
  /** What the query Me failed with. */
  error: unknown;
  session: Session;
  send: Send;
  /** What the query Providers answered: buttons to log in with others. */
  providers?: ProviderList;
  revoke: (id: string) => Promise<readonly RefusalFragment[]>;
}

/** Page is /confirm and /reset, to which e-mails link, and else the account or the ways to it. */
export function Page({ me, error, session, send, providers = [], revoke }: Props) {
  const [path, setPath] = useState(location.pathname);
  const [problem, setProblem] = useState("");
  const [offer, setOffer] = useState<string | null>(null);

  const home = useCallback(() => {
    history.replaceState(null, "", "/");
    setPath("/");
  }, []);
  const logout = () => send(LogoutDocument, { input: { refreshToken: session.refreshToken } })
    .then(() => session.end(), (error: unknown) => setProblem(words(error)));

  if (path === "/confirm") return <Confirm link={link} session={session} send={send} done={home} />;
  if (path === "/signed-in" && came) return <SignedIn came={came} session={session} send={send} done={home} offer={setOffer} />;
  if (path === "/reset") return <Reset link={link} session={session} send={send} done={home} />;
  if (error) return <p role="alert">{words(error)}</p>;
  if (me === undefined) return <p>One moment.</p>;
  if (me === null) {
    return (
      <>
        <h2>Log in</h2>
        <Login session={session} send={send} />
        <Providers list={providers} send={send} />
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
      {offer !== null && <p><button type="button" onClick={() => { setOffer(null); void linkOffered(send, offer).then(setProblem); }}>Link the login that you came with</button></p>}
      <h2>Change your account</h2>
      <Account me={me} send={send} />
      <h2>Passkeys</h2>
      <AddPasskey send={send} />
      <h2>Where you are logged in</h2>
      <Sessions sessions={me.sessions ?? []} revoke={revoke} />
    </>
  );
}
