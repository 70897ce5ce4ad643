import { cacheExchange, Client, fetchExchange } from "@urql/core";
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
    exchanges: [cacheExchange, auth(session), registered ? byRegistration : byHash, fetchExchange],
  });
}

// Every document goes by the name that code generation gave it.
const byRegistration = persistedExchange({
  generateHash: async (_, document) => (document as unknown as { __meta__: { hash: string } }).__meta__.hash,
  preferGetForPersistedQueries: true,
  enforcePersistedQueries: true,
  enableForMutation: true,
});

// Queries go by hash, and by GET; the server learns the text of what it does not know. Mutations it never keeps.
const byHash = persistedExchange({ preferGetForPersistedQueries: true });
