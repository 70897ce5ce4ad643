import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import type { Session } from "../session";
import { authLink } from "./auth";

export interface Options {
  /** The endpoint, as http://localhost:8080/graphql. */
  uri: string;
  /** True when the server runs registered documents only (AUTHGRAPH_TRUSTED_DOCUMENTS). */
  registered?: boolean;
  fetch?: typeof fetch;
}

export function createClient(session: Session, { uri, registered = false, fetch }: Options): ApolloClient {
  return new ApolloClient({
    cache: new InMemoryCache(),
    link: ApolloLink.from([
      authLink(session),
      persisted(registered),
      new HttpLink({ uri, credentials: "include", fetch }),
    ]),
  });
}

function persisted(registered: boolean): ApolloLink {
  if (registered) {
    // Every document goes by the name that code generation gave it.
    const generateHash = (document: object) => (document as { __meta__: { hash: string } }).__meta__.hash;
    return new PersistedQueryLink({ generateHash, useGETForHashedQueries: true });
  }
  // Queries go by hash, and by GET; the server learns the text of what it does not know. It keeps no mutations.
  return ApolloLink.split(
    ({ operationType }) => operationType === "query",
    new PersistedQueryLink({ sha256, useGETForHashedQueries: true }),
  );
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
