import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { randomBytes } from "node:crypto";
import * as apollo from "../../examples/react/src/client/apollo";
import type { Send } from "../../examples/react/src/client/types";
import * as urql from "../../examples/react/src/client/urql";
import { patient } from "../../examples/react/src/errors";
import { LoginDocument, LogoutDocument, MeDocument, SignUpDocument, type LoginInput } from "../../examples/react/src/gql/graphql";
import { Session, type RefreshTokenStore } from "../../examples/react/src/session";
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
  /** Name of the channel between tabs. */
  tabs?: string;
}

/** App is a tab with one of the example's clients in it. */
export class App {
  readonly browser: Browser;
  readonly session: Session;
  /** What the session told, in order. */
  readonly changes: boolean[] = [];
  private readonly transport: Transport;

  constructor(kind: Kind, server: Server, { browser = new Browser(), store, registered, tabs }: Options = {}) {
    this.browser = browser;
    this.session = new Session({ store, tabs });
    this.session.subscribe((loggedIn) => this.changes.push(loggedIn));
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
    const { login } = await patient(this.transport.mutate)(LoginDocument, { input: { ...account, session: { delivery: this.session.delivery } } });
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
    const client = apollo.createClient(session, { url, ...o });
    return {
      query: async (query, variables) => {
        // The document's own variables are all that V can be, which Apollo's types cannot know.
        const { data } = await client.query({ query, variables: variables as never, fetchPolicy: "network-only" })
          .catch((error) => { throw apollo.requestError(error); });
        return data as NonNullable<typeof data>;
      },
      mutate: apollo.sender(client),
    };
  },
  urql: (session, url, o) => {
    const client = urql.createClient(session, { url, ...o });
    return {
      query: async <T, V>(document: TypedDocumentNode<T, V>, variables: V) => {
        const { data, error } = await client.query(document, variables as never, { requestPolicy: "network-only" });
        if (error) throw urql.requestError(error);
        return data as T;
      },
      mutate: urql.sender(client),
    };
  },
} satisfies Record<string, Make>;

export type Kind = keyof typeof kinds;

export const everyKind = Object.keys(kinds) as Kind[];
