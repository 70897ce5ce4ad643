// The two kinds of errors, and what a form shows of them.
import type { Send } from "./client/types";
import type { RefusalFragment } from "./gql/graphql";
import { isCancelled, isHereAlready } from "./passkey";
import { refusals, requests, words } from "./words";

export type Refusals = readonly RefusalFragment[];

interface TopLevel {
  extensions?: { code?: unknown; retryAfter?: unknown; requestId?: unknown } | undefined;
}

/** RequestError is a top-level error: what the program or the operator must fix, or what time will. */
export class RequestError extends Error {
  readonly code: string;
  /** Seconds to wait, of RATE_LIMITED and OVERLOADED. */
  readonly retryAfter: number | null;
  /** Finds a fault in the server's log. */
  readonly requestId: string | null;

  constructor(errors: readonly TopLevel[]) {
    const { code, retryAfter, requestId } = errors[0]?.extensions ?? {};
    super(String(code));
    this.code = String(code);
    this.retryAfter = typeof retryAfter === "number" ? retryAfter : null;
    this.requestId = typeof requestId === "string" ? requestId : null;
  }
}

/** Blocked says that the browser opened no window. */
export class Blocked extends Error {}

/**
 * patient waits where the server is at its limit, and repeats once. Nothing of the first try was done. Where the wait is
 * longer than anybody looks at a button, it rejects at once.
 */
export function patient(send: Send, longest = 5): Send {
  return (document, variables) => send(document, variables).catch(async (error) => {
    if (!(error instanceof RequestError) || error.retryAfter === null || error.retryAfter > longest) throw error;
    await new Promise((done) => setTimeout(done, error.retryAfter! * 1000));
    return send(document, variables);
  });
}

/** What a form shows: words beside its fields, words above the button, and the seconds to count down. */
export interface Shown {
  fields: Record<string, string>;
  form: string;
  wait: number;
}

export const nothing: Shown = { fields: {}, form: "", wait: 0 };

/** place puts payload errors, which the person can fix, beside their fields; those of no field of this form above the button. */
export function place(errors: Refusals, fields: readonly string[]): Shown {
  const shown: Shown = { fields: {}, form: "", wait: 0 };
  for (const error of errors) {
    const field = error.field?.at(-1);
    if (error.code === "RATE_LIMITED") shown.wait = error.retryAfter ?? 1;
    else if (field !== undefined && fields.includes(field)) shown.fields[field] ??= refusalWords(error);
    else shown.form = `${shown.form} ${refusalWords(error)}`.trim();
  }
  return shown;
}

/** failed is what a form shows of anything that was thrown. The client has refreshed once already. */
export function failed(error: unknown): Shown {
  const wait = error instanceof RequestError ? error.retryAfter ?? 0 : 0;
  return { fields: {}, form: wait > 0 ? "" : errorWords(error), wait };
}

/** at puts errors about a field beside the one in which it was typed. */
export const at = (field: string, errors: Refusals): Refusals => errors.map((error) => ({ ...error, field: error.field && [field] }));

/** The server's own words are for people. Those of words.ts are better where they say what this app can do about it. */
export const refusalWords = ({ code, message }: RefusalFragment): string => refusals[code] ?? message;

export const allWords = (errors: Refusals): string => errors.map(refusalWords).join(" ");

export function errorWords(error: unknown): string {
  if (isCancelled(error)) return ""; // the person knows
  if (isHereAlready(error)) return words.hereAlready;
  if (error instanceof Blocked) return words.blocked;
  if (!(error instanceof RequestError)) return words.unreachable;
  const said = requests[error.code] ?? words.misfit;
  return error.requestId ? `${said} ${words.tellSupport} ${error.requestId}` : said;
}

/** clock writes seconds as 4:05. */
export const clock = (seconds: number): string => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
