import { cacheExchange, Client, CombinedError, fetchExchange, makeOperation, type AnyVariables, type Exchange, type TypedDocumentNode } from "@urql/core";
import { authExchange } from "@urql/exchange-auth";
import { persistedExchange } from "@urql/exchange-persisted";
import { useCallback, useMemo } from "react";
import { Provider, useClient, useQuery as useUrql } from "urql";
import { RequestError } from "../errors";
import { RefreshDocument } from "../gql/graphql";
import type { Session } from "../session";
import type { Asked, ClientOptions, Send } from "./types";

export { Provider };

export function createClient(session: Session, { url, registered = false, fetch }: ClientOptions): Client {
  return new Client({
    url,
    fetch,
    fetchOptions: { credentials: "include" },
    exchanges: [cacheExchange, auth(session), persisted(registered), fetchExchange],
  });
}

export function useQuery<T, V>(query: TypedDocumentNode<T, V>, variables: V): Asked<T> {
  // The document's own variables are all that V can be, which urql's types cannot know.
  const [{ data, error }, ask] = useUrql({ query: query as TypedDocumentNode<T, AnyVariables>, variables: variables as AnyVariables });
  const again = useCallback(() => ask({ requestPolicy: "network-only" }), [ask]);
  return { data, error: error && requestError(error), again };
}

export function useMutation(): Send {
  const client = useClient();
  return useMemo(() => sender(client), [client]);
}

/** The Send of a client. */
export function sender(client: Client): Send {
  return async <T, V>(document: TypedDocumentNode<T, V & AnyVariables>, variables: V) => {
    const { data, error } = await client.mutation(document, variables as V & AnyVariables);
    if (error) throw requestError(error);
    return data as T;
  };
}

/** A RequestError of top-level errors, and any other error as it is: that of a broken line, or of a refresh. */
export function requestError(error: Error): Error {
  if (!(error instanceof CombinedError)) return error;
  return error.networkError ? requestError(error.networkError) : new RequestError(error.graphQLErrors);
}

/** Sends the access token. Where the server refuses it, has the session renew it, and repeats the operation once. */
function auth(session: Session): Exchange {
  return authExchange(async ({ mutate }) => {
    let refused: string | null = null;
    session.trade = async (refreshToken) => {
      const { data, error } = await mutate(RefreshDocument, { input: { refreshToken } });
      if (error) throw error;
      return data?.refresh.auth ?? null;
    };
    return {
      addAuthToOperation(operation) {
        const bearer = session.accessToken;
        const { fetchOptions } = operation.context;
        const options = typeof fetchOptions === "function" ? fetchOptions() : fetchOptions;
        const headers = new Headers(options?.headers);
        headers.delete("Authorization"); // of the first try
        if (bearer !== null) headers.set("Authorization", `Bearer ${bearer}`);
        return makeOperation(operation.kind, operation, { ...operation.context, bearer, fetchOptions: { ...options, headers } });
      },
      willAuthError: () => session.isUnknown,
      didAuthError({ graphQLErrors }, { context }) {
        refused = context.bearer;
        return refused !== null && graphQLErrors.some((e) => e.extensions.code === "UNAUTHENTICATED");
      },
      refreshAuth: () => (session.isUnknown ? session.restore() : session.renew(refused)),
    };
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
