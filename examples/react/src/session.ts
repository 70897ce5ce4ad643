/** What every mutation with `auth` answers. */
export interface Tokens {
  accessToken: string;
  refreshToken?: string | null;
  /** The account must set up or prove a second factor before anything else. */
  limited?: boolean;
  user: { id: string };
}

/** Asks the server to `refresh`. Null where it refuses; rejects where it cannot be asked now. */
export type Trade = (refreshToken: string | null) => Promise<Tokens | null>;

/** Keeps a refresh token between starts, for apps without cookies: the secure store of a device. */
export interface RefreshTokenStore {
  get(): string | null;
  set(refreshToken: string | null): void;
}

export interface SessionOptions {
  store?: RefreshTokenStore;
  /** Name of the channel between the tabs of this browser. Without it each tab is on its own. */
  tabs?: string;
}

type Message = { begun: Omit<Tokens, "refreshToken"> } | { ended: true };
type Listener = (loggedIn: boolean) => void;

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/**
 * Session is the login of this page. The access token is in memory only. The refresh token is in an HttpOnly cookie, out
 * of reach of scripts, unless a store is given. One refresh serves all requests and all tabs that wait for it.
 */
export class Session {
  accessToken: string | null = null;
  limited = false;
  /** Grows when somebody logs in or out, here or in another tab: then forget what was fetched. */
  version = 0;
  /** The client says how to ask (see client/). */
  trade: Trade = () => Promise.reject(new Error("no client"));

  private who: string | null | undefined; // undefined: the server was not asked yet
  private restoring: Promise<void> | undefined;
  private renewing: Promise<void> | undefined;
  private readonly listeners = new Set<Listener>();
  private readonly channel: BroadcastChannel | undefined;
  private readonly store: RefreshTokenStore | undefined;

  constructor({ store, tabs }: SessionOptions = {}) {
    this.store = store;
    if (!tabs || typeof BroadcastChannel === "undefined") return;
    this.channel = new BroadcastChannel(tabs);
    this.channel.onmessage = ({ data }: MessageEvent<Message>) => this.hear(data);
    // The browser brought a page back as it was before it was left. Somebody may have logged out since.
    globalThis.addEventListener?.("pageshow", ({ persisted }) => persisted && this.doubt());
  }

  /** For `session: { delivery }` of every mutation that logs in. */
  get delivery(): "BODY" | "COOKIE" {
    return this.store ? "BODY" : "COOKIE";
  }

  /** For `logout`; null when it is in the cookie. */
  get refreshToken(): string | null {
    return this.store?.get() ?? null;
  }

  readonly subscribe = (listener: Listener): (() => void) => {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  };

  /** Takes the tokens of a login or a refresh. Where the answer has no refresh token, the one that is kept goes on. */
  begin({ refreshToken, ...begun }: Tokens): void {
    if (refreshToken) this.store?.set(refreshToken);
    this.take(begun);
    this.tell({ begun });
  }

  /** Forgets them after a log-out, and tells the other tabs. */
  end(): void {
    this.store?.set(null);
    this.take(null);
    this.tell({ ended: true });
  }

  /** Whether the server must be asked first if a cookie, or the store, still holds a session. */
  get isUnknown(): boolean {
    return this.who === undefined;
  }

  /** A page that was just loaded asks once. Where it cannot be asked now, the next request tries again. */
  restore(): Promise<void> {
    if (!this.isUnknown) return Promise.resolve();
    return (this.restoring ??= this.renew().finally(() => (this.restoring = undefined)));
  }

  /**
   * Brings a new access token in place of one that was refused, or ends the session if the server says so. A limit, a
   * fault or a broken line rejects: then the session stays.
   */
  renew(refused = this.accessToken): Promise<void> {
    // Another request may have brought a new one, or the end, since this one was sent.
    if (refused !== this.accessToken) return this.renewing ?? Promise.resolve();
    return (this.renewing ??= this.alone(refused).finally(() => (this.renewing = undefined)));
  }

  /** One tab at a time. A tab that had to wait takes what the other one was given. */
  private async alone(refused: string | null): Promise<void> {
    const lock = `${this.channel?.name}.refresh`;
    if (!this.channel || !globalThis.navigator?.locks) return this.ask();
    const free = await new Promise<boolean>((resolve, reject) => {
      void navigator.locks.request(lock, { ifAvailable: true }, async (held) => {
        if (!held) return resolve(false);
        await this.ask().then(() => {
          resolve(true);
          return pause(100); // so that the other tabs hear of it before they find the lock free
        }, reject);
      });
    });
    if (free) return;
    await navigator.locks.request(lock, async () => {
      if (await this.isStill(refused, 500)) await this.ask();
    });
  }

  /** Whether no other tab brings a new token within some milliseconds: its message may come later than its lock is free. */
  private async isStill(refused: string | null, within: number): Promise<boolean> {
    for (const end = Date.now() + within; this.accessToken === refused && Date.now() < end;) await pause(20);
    return this.accessToken === refused;
  }

  private async ask(): Promise<void> {
    if (this.store && this.refreshToken === null) return this.take(null);
    const tokens = await this.trade(this.refreshToken);
    if (tokens) return this.begin(tokens);
    this.store?.set(null);
    this.take(null); // the others find out by themselves: one of them may have just logged in
  }

  private take(begun: Omit<Tokens, "refreshToken"> | null): void {
    const before = this.who;
    this.accessToken = begun?.accessToken ?? null;
    this.limited = begun?.limited ?? false;
    this.who = begun?.user.id ?? null;
    if (before !== undefined && before !== this.who) this.changed();
  }

  private hear(message: Message): void {
    if (!("begun" in message)) return this.take(null);
    // Two people logged in at the same time, in two tabs: the cookie says who stays.
    if (this.accessToken !== null && this.who !== message.begun.user.id) return this.doubt();
    this.take(message.begun);
  }

  private doubt(): void {
    this.accessToken = null;
    this.who = undefined;
    this.changed();
  }

  private changed(): void {
    this.version++;
    for (const listener of [...this.listeners]) listener(this.accessToken !== null);
  }

  private tell(message: Message): void {
    this.channel?.postMessage(message);
  }
}
