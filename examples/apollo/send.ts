import { CombinedGraphQLErrors, type ApolloCache, type ApolloClient } from "@apollo/client";
import { RevokeSessionDocument, type RefusalFragment } from "../gql/graphql";
import { RequestError, type Send } from "../errors";

/** sender makes the Send of the forms. */
export function sender(client: ApolloClient): Send {
  return async (mutation, variables) => {
    try {
      // The document's own variables are all that V can be, which Apollo's types cannot know.
      const { data } = await client.mutate({ mutation, variables: variables as never });
      return data as NonNullable<typeof data>;
    } catch (error) {
      throw requestError(error);
    }
  };
}

/** requestError is a RequestError of top-level errors, and any other error as it is. */
export function requestError(error: unknown): unknown {
  return CombinedGraphQLErrors.is(error) ? new RequestError(error.errors) : error;
}

/** revokeSession ends another session, and has the cache forget it. */
export async function revokeSession(client: ApolloClient, id: string): Promise<readonly RefusalFragment[]> {
  try {
    const { data } = await client.mutate({
      mutation: RevokeSessionDocument,
      variables: { input: { id } },
      update(cache, { data }) {
        if (data?.revokeSession.session) forgetSession(cache, id);
      },
    });
    return data?.revokeSession.errors ?? [];
  } catch (error) {
    throw requestError(error);
  }
}

/** forgetSession takes it out of every list in the cache: Apollo leaves out of lists what it has evicted. */
export function forgetSession(cache: ApolloCache, id: string): void {
  cache.evict({ id: cache.identify({ __typename: "Session", id }) });
  cache.gc();
}
