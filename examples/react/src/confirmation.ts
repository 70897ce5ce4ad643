// Sign-up and its e-mail: one press of a button where the person signed up, a password elsewhere.
import type { Send } from "./client/types";
import { ConfirmDocument, type ConfirmMutation, type RefusalFragment } from "./gql/graphql";
import type { Session } from "./session";

const key = "authgraph.confirmKey";

/**
 * Keeps what `signUp` answered. It is null where sign-up asked for `delivery: COOKIE`: then the key is in an HttpOnly
 * cookie, which every tab of the browser sends. sessionStorage is of this tab only.
 */
export function keepConfirmKey(confirmKey: string | null | undefined): void {
  if (confirmKey) sessionStorage.setItem(key, confirmKey);
}

function forgetConfirmKey(): void {
  sessionStorage.removeItem(key);
}

/** What the link in an e-mail says behind the #. */
export interface Link {
  token: string;
  /** Null where the link names no address: then do not offer to choose a new password. */
  email: string | null;
}

export function readLink(fragment: string): Link | null {
  const said = new URLSearchParams(fragment.replace(/^#/, ""));
  const token = said.get("token");
  const email = said.get("email") ?? "";
  // A stranger can write a link: his words must not stand on your page as an address.
  return token ? { token, email: /^[^\s\p{C}<>"@]+@[^\s\p{C}<>"@]+$/u.test(email) ? email : null } : null;
}

/** takeLink reads it and takes it out of the address bar and the history: the token is a secret while it is valid. */
export function takeLink(): Link | null {
  const link = readLink(location.hash);
  if (link) history.replaceState(null, "", location.pathname + location.search);
  return link;
}

/** The proof beside the token: none is one press of a button. */
export type Proof = { password: string } | { newPassword: string } | { passkey: AuthenticationResponseJSON } | null;

/** confirm asks the server, and logs in on success. */
export async function confirm(send: Send, link: Link, proof: Proof, session: Session): Promise<ConfirmMutation["confirm"]> {
  const confirmKey = proof ? null : sessionStorage.getItem(key);
  const input = { ...link, ...proof, ...(confirmKey && { confirmKey }), session: { delivery: session.delivery } };
  const { confirm: answer } = await send(ConfirmDocument, { input });
  if (answer.auth) {
    forgetConfirmKey();
    session.begin(answer.auth);
  } else if (confirmKey && answer.errors.some(isOf("confirmKey", ({ code }) => code !== "RATE_LIMITED"))) {
    forgetConfirmKey(); // it was of another sign-up
    return confirm(send, link, null, session);
  }
  return answer;
}

/** True where one press was not enough: this is not the browser that signed up, or the link changes an address. */
export function wantsPassword(errors: readonly RefusalFragment[]): boolean {
  return errors.some(isOf("password", ({ code }) => code === "REQUIRED"));
}

const isOf = (name: string, right: (error: RefusalFragment) => boolean) =>
  (error: RefusalFragment) => error.field?.at(-1) === name && right(error);
