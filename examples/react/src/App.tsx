import { useEffect, useMemo, useRef, useSyncExternalStore, type ReactNode } from "react";
import { createClient, Provider, useMutation, useQuery } from "./client";
import { errorWords, patient } from "./errors";
import { MeDocument, OffersDocument } from "./gql/graphql";
import { LogIn } from "./pages/LogIn";
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
  const leaves = kind?.for === "visitor" && me && !session.limited;
  useEffect(() => { if (leaves) go(site.home, { replace: true }); }, [leaves, site]);

  const error = asked.error ?? offered.error;
  const trouble = error ? <p className="notice bad" role="alert">{errorWords(error)} <button type="button" onClick={again}>{words.tryAgain}</button></p> : null;
  if (!offers || me === undefined || leaves) return <main className="card"><h1>{trouble ? site.name : words.oneMoment}</h1>{trouble}</main>;

  const page = () => {
    if (!kind) return <main className="card"><h1>{words.notFound}</h1></main>;
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
