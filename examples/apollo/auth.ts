import { ApolloLink, CombinedGraphQLErrors, type ApolloClient, type ErrorLike } from "@apollo/client";
import { SetContextLink } from "@apollo/client/link/context";
import { ErrorLink } from "@apollo/client/link/error";
import { from, switchMap } from "rxjs";
import { RefreshDocument } from "../gql/graphql";
import type { Session } from "../session";

/**
 * authLink sends the access token with every operation. Where the server refuses it, the link refreshes, once however
 * many operations wait for that, and repeats each of them once. It comes before every other link.
 */
export function authLink(session: Session): ApolloLink {
  let restored: Promise<void> | undefined;
  let refreshing: Promise<void> | undefined;

  // A fault, a limit or a broken line rejects: the operation fails, but the session stays.
  async function trade(client: ApolloClient): Promise<void> {
    const { data } = await client.mutate({
      mutation: RefreshDocument,
      variables: { input: { refreshToken: session.refreshToken } },
      fetchPolicy: "no-cache", // tokens do not belong there
      errorPolicy: "none",
      context: { bare: true },
    });
    if (data?.refresh.auth) session.begin(data.refresh.auth);
    else session.end();
  }

  const refresh = (client: ApolloClient) => (refreshing ??= trade(client).finally(() => (refreshing = undefined)));

  // A page that was just loaded asks whether its cookie, or what is in the store, still holds a session.
  const restore = (client: ApolloClient) => (restored ??= refresh(client).catch((error) => {
    restored = undefined;
    throw error;
  }));

  const repeat = new ErrorLink(({ error, operation, forward }) => {
    const { bearer } = operation.getContext();
    if (!bearer || !isRefused(error)) return;
    // Another operation may have brought a new token, or ended the session, since this one was sent.
    const renewed = bearer === session.accessToken ? refresh(operation.client) : Promise.resolve();
    return from(renewed).pipe(switchMap(() => forward(operation)));
  });

  const bear = new SetContextLink(async ({ bare, headers }, { client }) => {
    if (bare) return {};
    if (session.accessToken === null && session.mayBeRestored) await restore(client);
    await refreshing;
    const bearer = session.accessToken;
    const { Authorization: _, ...others } = headers ?? {}; // of the first try
    return { bearer, headers: bearer ? { ...others, Authorization: `Bearer ${bearer}` } : others };
  });

  return ApolloLink.from([repeat, bear]);
}

const isRefused = (error: ErrorLike) =>
  CombinedGraphQLErrors.is(error) && error.errors.some((e) => e.extensions?.code === "UNAUTHENTICATED");
