import { useEffect, useMemo, useRef, useState, useSyncExternalStore, type ReactNode } from "react";
import { Card } from "./Card";
import { createClient, Provider, useMutation, useQuery } from "./client";
import { errorWords, patient } from "./errors";
import { MeDocument, OffersDocument } from "./gql/graphql";
import { LogIn } from "./pages/LogIn";
import { Onward, sentBack } from "./pages/Onward";
import { SetUp } from "./pages/SetUp";
import { usePresence } from "./Presence";
import { go, usePath } from "./router";
import type { Session } from "./session";
import { AuthContext, type Site } from "./site";
import { words } from "./words";

export interface PageKind {
  page: () => ReactNode;
  /** "visitor": those who are logged in go on to the site's home. "owner": others log in first. */
  for?: "visitor" | "owner";
}

interface Props {
  session: Session;
  site: Site;
  /** By path. */
  pages: Record<string, PageKind>;
}

/** App has a new client, and so nothing that was fetched before, whenever somebody logs in or out. */
export function App(props: Props) {
  const { session, site } = props;
  const version = useSyncExternalStore(session.subscribe, () => session.version);
  const client = useMemo(() => createClient(session, { url: site.endpoint, registered: site.registered }), [session, site, version]);
  return <Provider key={version} value={client}><Page {...props} /></Provider>;
}

function Page({ session, site, pages }: Props) {
  const path = usePath(site.base);
  const asked = useQuery(MeDocument, {});
  const offered = useQuery(OffersDocument, {});
  const mutate = useMutation();
  const plainSend = useMemo(() => patient(mutate), [mutate]);
  const { send, question } = usePresence(plainSend);

  const again = () => { asked.again(); offered.again(); };
  useEffect(() => {
    addEventListener("online", again);
    return () => removeEventListener("online", again);
  });

  const me = useLast(asked.data)?.me;
  const offers = useLast(offered.data)?.authConfig;
  const kind = pages[path];
  const isIn = kind?.for === "visitor" && me && !session.limited;
  const [stays, stay] = useState(false);
  const leaves = isIn && !stays;
  useEffect(() => {
    if (!leaves) return;
    // Who has just logged in here goes on in any case.
    if (session.version === 0 && sentBack(site.home)) stay(true);
    else go(site.home, { replace: true });
  }, [leaves, session, site]);

  const error = asked.error ?? offered.error;
  const trouble = error ? <p className="notice bad" role="alert">{errorWords(error)} <button type="button" onClick={again}>{words.tryAgain}</button></p> : null;
  if (!offers || me === undefined || leaves) return <main className="card"><h1>{trouble ? site.name : words.oneMoment}</h1>{trouble}</main>;

  const page = () => {
    if (!kind) return <Card title={words.notFound}>{null}</Card>;
    if (isIn) return <Onward />;
    if (me && session.limited && kind.for) return <SetUp />;
    if (kind.for === "owner" && !me) return <LogIn />;
    return <kind.page />;
  };
  return (
    <AuthContext value={{ site, session, offers, me, reload: asked.again, send, plainSend }}>
      {trouble}
      {page()}
      {question}
    </AuthContext>
  );
}

/** useLast keeps what the page shows while the server cannot be reached. */
function useLast<T>(data: T | undefined): T | undefined {
  const last = useRef(data);
  if (data !== undefined) last.current = data;
  return last.current;
}
