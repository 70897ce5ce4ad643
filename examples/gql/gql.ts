/* eslint-disable */
import * as types from './graphql';
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';

/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "fragment Login on AuthSession {\n  accessToken\n  refreshToken\n  user {\n    id\n    email\n    username\n  }\n}\n\nfragment Refusal on AuthError {\n  code\n  message\n  field\n  retryAfter\n}\n\nmutation SignUp($input: SignUpInput!) {\n  signUp(input: $input) {\n    status\n    auth {\n      ...Login\n    }\n    errors {\n      ...Refusal\n    }\n  }\n}\n\nmutation Login($input: LoginInput!) {\n  login(input: $input) {\n    status\n    auth {\n      ...Login\n    }\n    errors {\n      ...Refusal\n    }\n  }\n}\n\nmutation Refresh($input: RefreshInput) {\n  refresh(input: $input) {\n    auth {\n      ...Login\n    }\n    errors {\n      ...Refusal\n    }\n  }\n}\n\nmutation Logout($input: LogoutInput) {\n  logout(input: $input) {\n    sessions {\n      id\n    }\n    errors {\n      ...Refusal\n    }\n  }\n}\n\nquery Me {\n  me {\n    id\n    email\n    username\n    sessions {\n      id\n      current\n      deviceName\n      lastUsedAt\n    }\n  }\n}": typeof types.LoginFragmentDoc,
};
const documents: Documents = {
    "fragment Login on AuthSession {\n  accessToken\n  refreshToken\n  user {\n    id\n    email\n    username\n  }\n}\n\nfragment Refusal on AuthError {\n  code\n  message\n  field\n  retryAfter\n}\n\nmutation SignUp($input: SignUpInput!) {\n  signUp(input: $input) {\n    status\n    auth {\n      ...Login\n    }\n    errors {\n      ...Refusal\n    }\n  }\n}\n\nmutation Login($input: LoginInput!) {\n  login(input: $input) {\n    status\n    auth {\n      ...Login\n    }\n    errors {\n      ...Refusal\n    }\n  }\n}\n\nmutation Refresh($input: RefreshInput) {\n  refresh(input: $input) {\n    auth {\n      ...Login\n    }\n    errors {\n      ...Refusal\n    }\n  }\n}\n\nmutation Logout($input: LogoutInput) {\n  logout(input: $input) {\n    sessions {\n      id\n    }\n    errors {\n      ...Refusal\n    }\n  }\n}\n\nquery Me {\n  me {\n    id\n    email\n    username\n    sessions {\n      id\n      current\n      deviceName\n      lastUsedAt\n    }\n  }\n}": types.LoginFragmentDoc,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 *
 *
 * @example
 * ```ts
 * const query = graphql(`query GetUser($id: ID!) { user(id: $id) { name } }`);
 * ```
 *
 * The query argument is unknown!
 * Please regenerate the types.
 */
export function graphql(source: string): unknown;

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "fragment Login on AuthSession {\n  accessToken\n  refreshToken\n  user {\n    id\n    email\n    username\n  }\n}\n\nfragment Refusal on AuthError {\n  code\n  message\n  field\n  retryAfter\n}\n\nmutation SignUp($input: SignUpInput!) {\n  signUp(input: $input) {\n    status\n    auth {\n      ...Login\n    }\n    errors {\n      ...Refusal\n    }\n  }\n}\n\nmutation Login($input: LoginInput!) {\n  login(input: $input) {\n    status\n    auth {\n      ...Login\n    }\n    errors {\n      ...Refusal\n    }\n  }\n}\n\nmutation Refresh($input: RefreshInput) {\n  refresh(input: $input) {\n    auth {\n      ...Login\n    }\n    errors {\n      ...Refusal\n    }\n  }\n}\n\nmutation Logout($input: LogoutInput) {\n  logout(input: $input) {\n    sessions {\n      id\n    }\n    errors {\n      ...Refusal\n    }\n  }\n}\n\nquery Me {\n  me {\n    id\n    email\n    username\n    sessions {\n      id\n      current\n      deviceName\n      lastUsedAt\n    }\n  }\n}"): (typeof documents)["fragment Login on AuthSession {\n  accessToken\n  refreshToken\n  user {\n    id\n    email\n    username\n  }\n}\n\nfragment Refusal on AuthError {\n  code\n  message\n  field\n  retryAfter\n}\n\nmutation SignUp($input: SignUpInput!) {\n  signUp(input: $input) {\n    status\n    auth {\n      ...Login\n    }\n    errors {\n      ...Refusal\n    }\n  }\n}\n\nmutation Login($input: LoginInput!) {\n  login(input: $input) {\n    status\n    auth {\n      ...Login\n    }\n    errors {\n      ...Refusal\n    }\n  }\n}\n\nmutation Refresh($input: RefreshInput) {\n  refresh(input: $input) {\n    auth {\n      ...Login\n    }\n    errors {\n      ...Refusal\n    }\n  }\n}\n\nmutation Logout($input: LogoutInput) {\n  logout(input: $input) {\n    sessions {\n      id\n    }\n    errors {\n      ...Refusal\n    }\n  }\n}\n\nquery Me {\n  me {\n    id\n    email\n    username\n    sessions {\n      id\n      current\n      deviceName\n      lastUsedAt\n    }\n  }\n}"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;