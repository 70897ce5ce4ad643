import { CombinedError, type AnyVariables, type Client, type TypedDocumentNode } from "@urql/core";
import { RequestError, type Send } from "../errors";

/** sender makes the Send of the forms. */
export function sender(client: Client): Send {
  return async <T, V>(document: TypedDocumentNode<T, V & AnyVariables>, variables: V) => {
    const { data, error } = await client.mutation(document, variables as V & AnyVariables);
    if (error) throw requestError(error);
    return data as T;
  };
}

/** requestError is a RequestError of top-level errors, and any other error as it is: that of a broken line. */
export function requestError(error: Error): Error {
  // What a refresh failed with comes as a broken line.
  if (!(error instanceof CombinedError)) return error;
  return error.networkError ? requestError(error.networkError) : new RequestError(error.graphQLErrors);
}
