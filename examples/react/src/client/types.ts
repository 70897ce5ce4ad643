import type { TypedDocumentNode } from "@graphql-typed-document-node/core";

export interface ClientOptions {
  /** The endpoint, such as /graphql. */
  url: string;
  /** True when the server runs registered documents only (AUTHGRAPH_TRUSTED_DOCUMENTS). */
  registered?: boolean;
  fetch?: typeof fetch;
}

/** Runs a mutation; rejects with a RequestError, or with what broke the line. */
export type Send = <T, V>(document: TypedDocumentNode<T, V>, variables: V) => Promise<T>;

/** What a query gave so far. */
export interface Asked<T> {
  data: T | undefined;
  error: unknown;
  /** Asks the server again. */
  again: () => void;
}
