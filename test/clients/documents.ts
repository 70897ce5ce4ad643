// Documents that the example has no use for.
import { parse } from "graphql";
import type { TypedDocumentNode } from "@graphql-typed-document-node/core";

type Nothing = Record<string, never>;
type Outcome = { errors: { code: string }[] };

const document = <T, V = Nothing>(text: string) => parse(text) as TypedDocumentNode<T, V>;

/** A query that no client or server takes for one of another name. */
export const ask = (name: string, field = "me") => document<{ me: { id: string } | null }>(`query ${name} { ${field} { id } }`);

export const twelve = Array.from({ length: 12 }, (_, i) => ask(`Twelve${i}`));

/** A closed field; it refuses the password that is missing. */
export const rename = document<{ updateAccount: Outcome }>(
  'mutation Rename { updateAccount(input: { currentPassword: "" }) { errors { code } } }');

export const revoke = document<{ revokeSession: Outcome }, { input: { id: string } }>(
  "mutation Revoke($input: RevokeSessionInput!) { revokeSession(input: $input) { errors { code } } }");

/** Wants a recent proof of presence. */
export const issue = document<{ issueApiToken: Outcome }>(
  'mutation Issue { issueApiToken(input: { name: "backup", scopes: ["account:read"] }) { errors { code } } }');
