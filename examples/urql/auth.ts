import { makeOperation, type Exchange } from "@urql/core";
import { authExchange } from "@urql/exchange-auth";
import { RefreshDocument } from "../gql/graphql";
import type { Session } from "../session";

/**
 * auth sends the access token with every operation. Where the server refuses it, the exchange refreshes, once however
 * many operations wait for that, and repeats each of them once. It comes after the cache and before the others.
 */
export function auth(session: Session): Exchange {
  return authExchange(async (utils) => {
    let restored = false;
    let refused: string | null = null;

    // A fault, a limit or a broken line throws: the operations fail, but the session stays.
    async function refresh(): Promise<void> {
      const { data, error } = await utils.mutate(RefreshDocument, { input: { refreshToken: session.refreshToken } });
      if (error) throw error;
      if (data?.refresh.auth) session.begin(data.refresh.auth);
      else session.end();
    }

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
      // A page that was just loaded asks whether its cookie, or what is in the store, still holds a session.
      willAuthError: () => !restored && session.accessToken === null && session.mayBeRestored,
      didAuthError({ graphQLErrors }, { context }) {
        refused = context.bearer;
        return refused !== null && graphQLErrors.some((e) => e.extensions.code === "UNAUTHENTICATED");
      },
      async refreshAuth() {
        // Another operation may have brought a new token, or ended the session, since this one was sent.
        if (refused === session.accessToken) await refresh();
        restored = true;
      },
    };
  });
}
