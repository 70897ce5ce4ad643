// The two kinds of errors, and what a form shows of them. Change the words to yours.
import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import type { RefusalFragment } from "./gql/graphql";

/** Runs a document; rejects with a RequestError, or with what broke the line. `apollo/send.ts` and `urql/send.ts` make one. */
export type Send = <T, V>(document: TypedDocumentNode<T, V>, variables: V) => Promise<T>;

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

/**
 * patient waits where the server is at its limit, and repeats once. Nothing of the first try was done. Where the wait is
 * longer than anybody looks at a button, it rejects at once.
 */
export function patient(send: Send, longest = 10): Send {
  return (document, variables) => send(document, variables).catch(async (error) => {
    if (!(error instanceof RequestError) || error.retryAfter === null || error.retryAfter > longest) throw error;
    await new Promise((done) => setTimeout(done, error.retryAfter! * 1000));
    return send(document, variables);
  });
}

/** What a form shows: words beside its fields, and words above the button. */
export interface Shown {
  fields: Record<string, string>;
  form: string;
}

export const nothing: Shown = { fields: {}, form: "" };

/** place puts payload errors, which the person can fix, beside their fields; those of no field of this form above the button. */
export function place(errors: readonly RefusalFragment[], fields: readonly string[]): Shown {
  const shown: Shown = { fields: {}, form: "" };
  for (const error of errors) {
    const field = error.field?.at(-1);
    if (field !== undefined && fields.includes(field)) shown.fields[field] ??= refusalWords(error);
    else shown.form = `${shown.form} ${refusalWords(error)}`.trim();
  }
  return shown;
}

function refusalWords({ code, message, retryAfter }: RefusalFragment): string {
  switch (code) {
    case "RATE_LIMITED": return `Too many attempts. Try again in ${duration(retryAfter)}.`;
    case "INVALID_CREDENTIALS": return "This is wrong. Try again, or choose a new password.";
    case "INVALID_TOKEN": return "This link was used or is too old. Log in, or ask for a new one.";
    case "INVALID_CODE": return "This code is wrong or was used. Try the next one.";
    case "DISABLED": return "This account was disabled. Ask the support.";
    default: return message; // the server's words, which are for people
  }
}

/** words says what to do about anything that was thrown. The client has refreshed once already. */
export function words(error: unknown): string {
  if (!(error instanceof RequestError)) return "The server cannot be reached. Try again.";
  switch (error.code) {
    case "UNAUTHENTICATED": return "You were logged out. Log in again.";
    case "REAUTHENTICATION_REQUIRED": return "Enter your password once more.";
    case "SECOND_FACTOR_REQUIRED": return "Prove your second factor first.";
    case "RATE_LIMITED":
    case "OVERLOADED": return `The server is busy. Try again in ${duration(error.retryAfter)}.`;
    case "INTERNAL_SERVER_ERROR": return `Something went wrong on our side. Tell the support this number: ${error.requestId ?? "none"}`;
    default: return "This page does not fit the server. Load it again.";
  }
}

function duration(seconds: number | null): string {
  if (seconds === null) return "a moment";
  if (seconds < 100) return seconds === 1 ? "1 second" : `${seconds} seconds`;
  return `${Math.ceil(seconds / 60)} minutes`;
}
