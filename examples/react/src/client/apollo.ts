import { ApolloClient, ApolloLink, CombinedGraphQLErrors, HttpLink, InMemoryCache, type ErrorLike, type TypedDocumentNode } from "@apollo/client";
import { SetContextLink } from "@apollo/client/link/context";
import { ErrorLink } from "@apollo/client/link/error";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { ApolloProvider, useApolloClient, useQuery as useApollo } from "@apollo/client/react";
import { createElement, useCallback, useMemo, type ReactNode } from "react";
import { from, switchMap } from "rxjs";
import { RequestError } from "../errors";
import { RefreshDocument } from "../gql/graphql";
import type { Session } from "../session";
import type { Asked, ClientOptions, Send } from "./types";

export const Provider = ({ value, children }: { value: ApolloClient; children: ReactNode }) =>
  createElement(ApolloProvider, { client: value, children });

export function createClient(session: Session, { url, registered = false, fetch }: ClientOptions): ApolloClient {
  const client = new ApolloClient({
    cache: new InMemoryCache(),
    link: ApolloLink.from([auth(session), persisted(registered), new HttpLink({ uri: url, credentials: "include", fetch })]),
  });
  session.trade = async (refreshToken) => {
    const { data } = await client.mutate({
      mutation: RefreshDocument,
      variables: { input: { refreshToken } },
      fetchPolicy: "no-cache", // tokens do not belong there
      context: { bare: true },
    });
    return data?.refresh.auth ?? null;
  };
  return client;
}

export function useQuery<T, V>(query: TypedDocumentNode<T, V>, variables: V): Asked<T> {
  // The document's own variables are all that V can be, which Apollo's types cannot know.
  const { data, error, refetch } = useApollo(query, { variables: variables as never });
  const again = useCallback(() => void refetch().catch(() => {}), [refetch]); // the hook's `error` has it
  return { data: data as T | undefined, error: requestError(error), again };
}

export function useMutation(): Send {
  const client = useApolloClient();
  return useMemo(() => sender(client), [client]);
}

/** The Send of a client. */
export function sender(client: ApolloClient): Send {
  return async (mutation, variables) => {
    try {
      const { data } = await client.mutate({ mutation, variables: variables as never, update: (cache, { data }) => forget(cache, data) });
      return data as NonNullable<typeof data>;
    } catch (error) {
      throw requestError(error);
    }
  };
}

/** Mutations whose payload has what is gone now. Apollo leaves out of lists what it has evicted. */
const removed: Record<string, string> = { revokeSession: "session", revokeApiToken: "apiToken", removeFactor: "factor", unlinkIdentity: "identity" };

function forget(cache: Pick<InMemoryCache, "evict" | "identify" | "gc">, data: unknown): void {
  for (const [field, payload] of Object.entries((data ?? {}) as Record<string, Record<string, { __typename: string; id: string }>>)) {
    const gone = payload?.[removed[field] ?? ""];
    if (gone) cache.evict({ id: cache.identify(gone) });
  }
  cache.gc();
}

/** A RequestError of top-level errors, and any other error as it is. */
export function requestError(error: unknown): unknown {
  return CombinedGraphQLErrors.is(error) ? new RequestError(error.errors) : error;
}

/** Sends the access token. Where the server refuses it, has the session renew it, and repeats the operation once. */
function auth(session: Session): ApolloLink {
  const repeat = new ErrorLink(({ error, operation, forward }) => {
    const { bearer } = operation.getContext();
    if (bearer && isRefused(error)) return from(session.renew(bearer)).pipe(switchMap(() => forward(operation)));
  });
  const bear = new SetContextLink(async ({ bare, headers }) => {
    if (bare) return {};
    await session.restore();
    const bearer = session.accessToken;
    const { Authorization: _, ...others } = headers ?? {}; // of the first try
    return { bearer, headers: bearer ? { ...others, Authorization: `Bearer ${bearer}` } : others };
  });
  return ApolloLink.from([repeat, bear]);
}

const isRefused = (error: ErrorLike) =>
  CombinedGraphQLErrors.is(error) && error.errors.some((e) => e.extensions?.code === "UNAUTHENTICATED");

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
