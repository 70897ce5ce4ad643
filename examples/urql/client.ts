import { cacheExchange, Client, fetchExchange, type Exchange } from "@urql/core";
import { persistedExchange } from "@urql/exchange-persisted";
import type { Session } from "../session";
import { auth } from "./auth";

export interface Options {
  /** The endpoint, as http://localhost:8080/graphql. */
  url: string;
  /** True when the server runs registered documents only (AUTHGRAPH_TRUSTED_DOCUMENTS). */
  registered?: boolean;
  fetch?: typeof fetch;
}

export function createClient(session: Session, { url, registered = false, fetch }: Options): Client {
  return new Client({
    url,
    fetch,
    fetchOptions: { credentials: "include" },
    exchanges: [cacheExchange, auth(session), persisted(registered), fetchExchange],
  });
}

function persisted(registered: boolean): Exchange {
  // Queries go by hash, and by GET; the server learns the text of what it does not know. It keeps no mutations.
  if (!registered) return persistedExchange({ preferGetForPersistedQueries: true });
  return persistedExchange({
    // Every document goes by the name that code generation gave it.
    generateHash: async (_, document) => (document as unknown as { __meta__: { hash: string } }).__meta__.hash,
    preferGetForPersistedQueries: true,
    enforcePersistedQueries: true,
    enableForMutation: true,
  });
}
