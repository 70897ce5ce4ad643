import { CombinedGraphQLErrors } from "@apollo/client";
import { CombinedError } from "@urql/core";
import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { randomBytes } from "node:crypto";
import * as apollo from "../../examples/apollo/client";
import * as urql from "../../examples/urql/client";
import { LoginDocument, LogoutDocument, MeDocument, SignUpDocument, type LoginInput } from "../../examples/gql/graphql";
import { Session, type RefreshTokenStore } from "../../examples/session";
import { Browser } from "./browser";
import type { Server } from "./server";

export const password = "seven quiet lighthouses";

/** The extensions.code of the errors that an operation failed with; rejects with what is none. */
export class Refused extends Error {
  constructor(readonly codes: unknown[]) {
    super(codes.join(" "));
  }
}

/** localStorage, as two tabs see it. */
export function newStore(): RefreshTokenStore {
  let kept: string | null = null;
  return { get: () => kept, set: (refreshToken) => { kept = refreshToken; } };
}

interface Transport {
  query<T, V>(document: TypedDocumentNode<T, V>, variables: V): Promise<T>;
  mutate<T, V>(document: TypedDocumentNode<T, V>, variables: V): Promise<T>;
}

interface Options {
  browser?: Browser;
  store?: RefreshTokenStore;
  registered?: boolean;
}

/** App is a tab with one of the examples in it. */
export class App {
  readonly browser: Browser;
  readonly session: Session;
  /** What `changed` said, in order. */
  readonly changes: boolean[] = [];
  private readonly transport: Transport;

  constructor(kind: Kind, server: Server, { browser = new Browser(), store, registered }: Options = {}) {
    this.browser = browser;
    this.session = new Session((loggedIn) => this.changes.push(loggedIn), store);
    const url = `${server.url}/graphql`;
    this.transport = kinds[kind](this.session, url, { registered, fetch: browser.fetch });
  }

  query<T, V>(document: TypedDocumentNode<T, V>, variables: V): Promise<T> {
    return this.transport.query(document, variables);
  }

  mutate<T, V>(document: TypedDocumentNode<T, V>, variables: V): Promise<T> {
    return this.transport.mutate(document, variables);
  }

  async me() {
    return (await this.query(MeDocument, {})).me;
  }

  async signUp(): Promise<LoginInput> {
    const account = { username: `u${randomBytes(8).toString("hex")}`, password };
    const { signUp } = await this.mutate(SignUpDocument, { input: { ...account, session: { delivery: this.session.delivery } } });
    if (!signUp.auth) throw new Error(`signUp: ${JSON.stringify(signUp.errors)}`);
    this.session.begin(signUp.auth);
    return account;
  }

  async login(account: LoginInput) {
    const { login } = await this.mutate(LoginDocument, { input: { ...account, session: { delivery: this.session.delivery } } });
    if (login.auth) this.session.begin(login.auth);
    return login;
  }

  async logout() {
    const { logout } = await this.mutate(LogoutDocument, { input: { refreshToken: this.session.refreshToken } });
    this.session.end();
    return logout;
  }
}

type Make = (session: Session, url: string, o: { registered?: boolean; fetch: typeof fetch }) => Transport;

const kinds = {
  apollo: (session, url, o) => {
    const client = apollo.createClient(session, { uri: url, ...o });
    const settle = async <T>(operation: Promise<{ data?: T }>): Promise<T> => {
      const { data } = await operation.catch((error) => {
        throw CombinedGraphQLErrors.is(error) ? new Refused(error.errors.map((e) => e.extensions?.code)) : error;
      });
      return data as T;
    };
    return {
      // The document's own variables are all that V can be, which Apollo's types cannot know.
      query: (query, variables) => settle(client.query({ query, variables: variables as never, fetchPolicy: "network-only" })),
      mutate: (mutation, variables) => settle(client.mutate({ mutation, variables: variables as never })),
    };
  },
  urql: (session, url, o) => {
    const client = urql.createClient(session, { url, ...o });
    const settle = async <T>(operation: PromiseLike<{ data?: T; error?: CombinedError }>): Promise<T> => {
      const { data, error } = await operation;
      // What a refresh failed with comes as a broken line.
      let cause: Error | undefined = error;
      while (cause instanceof CombinedError && cause.networkError) cause = cause.networkError;
      if (cause instanceof CombinedError) throw new Refused(cause.graphQLErrors.map((e) => e.extensions.code));
      if (cause) throw cause;
      return data as T;
    };
    return {
      query: (query, variables) => settle(client.query(query, variables as never, { requestPolicy: "network-only" })),
      mutate: (mutation, variables) => settle(client.mutation(mutation, variables as never)),
    };
  },
} satisfies Record<string, Make>;

export type Kind = keyof typeof kinds;

export const everyKind = Object.keys(kinds) as Kind[];
