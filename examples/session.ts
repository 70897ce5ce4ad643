/** What every mutation with `auth` answers. */
export interface Tokens {
  accessToken: string;
  refreshToken?: string | null;
}

/** Keeps a refresh token between starts: localStorage, or the secure store of a native app. */
export interface RefreshTokenStore {
  get(): string | null;
  set(refreshToken: string | null): void;
}

/**
 * Session is the login of this page. The access token lives in memory only. The refresh token lives in an HttpOnly
 * cookie, out of reach of scripts, unless a store is given: that is for apps without cookies.
 */
export class Session {
  accessToken: string | null = null;
  private readonly changed: (loggedIn: boolean) => void;
  private readonly store: RefreshTokenStore | undefined;

  /** @param changed is told when somebody is logged in or no longer is: the time to forget what was fetched. */
  constructor(changed: (loggedIn: boolean) => void = () => {}, store?: RefreshTokenStore) {
    this.changed = changed;
    this.store = store;
  }

  /** For `session: { delivery }` of every mutation that logs in. */
  get delivery(): "BODY" | "COOKIE" {
    return this.store ? "BODY" : "COOKIE";
  }

  /** For `refresh` and `logout`; null when it is in the cookie. */
  get refreshToken(): string | null {
    return this.store?.get() ?? null;
  }

  /** False if there is surely nothing to refresh; a cookie cannot be seen from here. */
  get mayBeRestored(): boolean {
    return !this.store || this.refreshToken !== null;
  }

  /** Takes the tokens of a login or a refresh. Where the answer has no refresh token, the one that is kept goes on. */
  begin({ accessToken, refreshToken }: Tokens): void {
    const first = this.accessToken === null;
    this.accessToken = accessToken;
    if (refreshToken) this.store?.set(refreshToken);
    if (first) this.changed(true);
  }

  /** Forgets them, after a logout or when the server refused to refresh. */
  end(): void {
    const last = this.accessToken !== null;
    this.accessToken = null;
    this.store?.set(null);
    if (last) this.changed(false);
  }
}
