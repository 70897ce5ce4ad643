import { createContext, useContext } from "react";
import type { Send } from "./client/types";
import type { MeQuery, OffersQuery } from "./gql/graphql";
import type { Session } from "./session";

/** Site is where the pages are, and what they are called. */
export interface Site {
  name: string;
  /** The GraphQL endpoint. It is on this origin: the dev server, or your proxy, passes it on. */
  endpoint: string;
  /** True when the server runs registered documents only (AUTHGRAPH_TRUSTED_DOCUMENTS). */
  registered?: boolean;
  /** The path below which the pages are; mostly "". */
  base: string;
  /** Where a login with a provider comes back to: one of AUTHGRAPH_RETURN_URLS. Empty: no such logins. */
  returnUrl: string;
  /** Where people go once they have logged in. */
  home: string;
  /** Your application, where it is somewhere else. */
  app?: string;
  /** Pages that are none of this app: where they are below base. */
  plain?: Record<string, string>;
  /** The fields of your AUTHGRAPH_PROFILE that people may change. */
  profile: readonly ProfileField[];
}

export interface ProfileField {
  name: string;
  label: string;
  kind: "text" | "number" | "checkbox" | "list" | readonly string[];
}

export const site: Site = {
  name: "Example",
  endpoint: "/graphql",
  base: "",
  returnUrl: `${globalThis.location?.origin}/signed-in`,
  home: "/account",
  profile: [],
};

export type Offers = OffersQuery["authConfig"];
export type Me = NonNullable<MeQuery["me"]>;

/** What every page works with. */
export interface Auth {
  site: Site;
  session: Session;
  /** What this server offers. What it does not offer is not shown. */
  offers: Offers;
  me: Me | null;
  /** Asks again who is logged in. */
  reload: () => void;
  /** Sends a mutation. It waits a little for a busy server, and asks the person to prove that they are there if need be. */
  send: Send;
  /** The same without asking. */
  plainSend: Send;
}

export const AuthContext = createContext<Auth | null>(null);

export function useAuth(): Auth {
  const auth = useContext(AuthContext);
  if (!auth) throw new Error("outside of <App>");
  return auth;
}
