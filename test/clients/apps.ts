import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { randomBytes } from "node:crypto";
import * as apollo from "../../examples/apollo/client";
import * as apolloSend from "../../examples/apollo/send";
import { patient, type Send } from "../../examples/errors";
import * as urql from "../../examples/urql/client";
import * as urqlSend from "../../examples/urql/send";
import { LoginDocument, LogoutDocument, MeDocument, SignUpDocument, type LoginInput } from "../../examples/gql/graphql";
import { Session, type RefreshTokenStore } from "../../examples/session";
import { Browser } from "./browser";
import type { Server } from "./server";

export const password = "seven quiet lighthouses";

/** localStorage, as two tabs see it. */
export function newStore(): RefreshTokenStore {
  let kept: string | null = null;
  return { get: () => kept, set: (refreshToken) => { kept = refreshToken; } };
}

interface Transport {
  query: Send;
  mutate: Send;
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
    const { signUp } = await patient(this.transport.mutate)(SignUpDocument, { input: { ...account, session: { delivery: this.session.delivery } } });
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
    return {
      query: async (query, variables) => {
        // The document's own variables are all that V can be, which Apollo's types cannot know.
        const { data } = await client.query({ query, variables: variables as never, fetchPolicy: "network-only" })
          .catch((error) => { throw apolloSend.requestError(error); });
        return data as NonNullable<typeof data>;
      },
      mutate: apolloSend.sender(client),
    };
  },
  urql: (session, url, o) => {
    const client = urql.createClient(session, { url, ...o });
    return {
      query: async <T, V>(document: TypedDocumentNode<T, V>, variables: V) => {
        const { data, error } = await client.query(document, variables as never, { requestPolicy: "network-only" });
        if (error) throw urqlSend.requestError(error);
        return data as T;
      },
      mutate: urqlSend.sender(client),
    };
  },
} satisfies Record<string, Make>;

export type Kind = keyof typeof kinds;

export const everyKind = Object.keys(kinds) as Kind[];
