// Logging in with a provider: by redirect, or in a popup.
import type { Send } from "./client/types";
import { Blocked, RequestError } from "./errors";
import { LoginWithProviderDocument, StartProviderLoginDocument, type LoginWithProviderMutation, type ProviderPurpose, type RefusalFragment } from "./gql/graphql";
import type { Session } from "./session";

/** What came back to the page, once its fragment was taken. */
export interface Came {
  flow: string;
  code: string;
}

/** What `loginWithProvider`, `linkIdentity` and `reauthenticate` take. */
export interface Answer {
  code: string;
  verifier: string;
}

const base64url = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const kept = (flow: string): string => `sign-in:${flow}`;

/** Takes what came back out of the address bar; null if nothing did. */
export function takeCame(): Came | null {
  const given = new URLSearchParams(location.hash.slice(1));
  const [flow, code] = [given.get("flow"), given.get("code")];
  if (!flow || !code) return null;
  history.replaceState(null, "", location.pathname + location.search);
  return { flow, code };
}

interface Begun {
  url: string;
  flow: string;
  verifier: string;
}

/** Asks where to send the browser. `returnUrl` is one of AUTHGRAPH_RETURN_URLS, byte for byte. */
async function start(send: Send, provider: string, returnUrl: string, purpose: ProviderPurpose): Promise<Begun | readonly RefusalFragment[]> {
  const verifier = base64url(crypto.getRandomValues(new Uint8Array(32)));
  const challenge = base64url(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier))));
  const { startProviderLogin: { url, flow, errors } } = await send(StartProviderLoginDocument, { input: { provider, returnUrl, challenge, purpose } });
  if (!url || !flow) return errors;
  return { url, flow, verifier };
}

/** Leaves the page for the provider. It returns only if that was refused. */
export async function leaveFor(send: Send, provider: string, returnUrl: string): Promise<readonly RefusalFragment[]> {
  const begun = await start(send, provider, returnUrl, "LOGIN");
  if (!("url" in begun)) return begun;
  for (const old of Object.keys(sessionStorage).filter((name) => name.startsWith(kept("")))) sessionStorage.removeItem(old); // given up
  sessionStorage.setItem(kept(begun.flow), begun.verifier);
  location.assign(begun.url);
  return [];
}

interface PopUp {
  provider: string;
  returnUrl: string;
  purpose: ProviderPurpose;
  signal: AbortSignal;
  /** Sends without asking the person anything. */
  send: Send;
  /** Sends, and asks for a proof of presence where the server wants one. */
  askingSend: Send;
}

const openWindow = () => open("", "_blank", "popup,width=520,height=640");

/**
 * Opens the provider in a popup, and waits until that page has handed over what came. Call it in the handler of a click. The
 * verifier is not in sessionStorage, of which a popup gets a copy.
 */
export async function popUp({ provider, returnUrl, purpose, signal, send, askingSend }: PopUp): Promise<Answer | readonly RefusalFragment[]> {
  let popup = openWindow(); // before anything is awaited, or the browser blocks it
  const begun = await start(send, provider, returnUrl, purpose).catch((error: unknown) => {
    popup?.close(); // an empty window would hide the question
    popup = null;
    if (!(error instanceof RequestError) || error.code !== "REAUTHENTICATION_REQUIRED") throw error;
    return start(askingSend, provider, returnUrl, purpose);
  });
  if (!("url" in begun)) {
    popup?.close();
    return begun;
  }
  popup ??= openWindow(); // whoever answered the question has just pressed a button
  if (!popup) throw new Blocked();
  const channel = new BroadcastChannel(kept(begun.flow)); // window.opener and popup.closed do not work: pages of providers cut them
  const came = new Promise<Came>((resolve, reject) => {
    channel.onmessage = ({ data }) => resolve(data as Came);
    signal.addEventListener("abort", () => reject(new DOMException("cancelled", "AbortError")));
  });
  popup.location.href = begun.url;
  try {
    return { code: (await came).code, verifier: begun.verifier };
  } finally {
    channel.close();
  }
}

/** In the popup: hands over what came to the page that opened it, and closes. */
export function handOver(came: Came): void {
  const channel = new BroadcastChannel(kept(came.flow));
  channel.postMessage(came);
  channel.close();
  close();
}

/** It works once, and only where the login was begun. */
function takeAnswer({ flow, code }: Came): Answer | null {
  const verifier = sessionStorage.getItem(kept(flow));
  sessionStorage.removeItem(kept(flow));
  return verifier ? { code, verifier } : null;
}

// An account with the address exists: its owner logs in as before, and then `linkIdentity` takes this token.
const offer = "authgraph.link";
export const keepOffer = (token: string): void => sessionStorage.setItem(offer, token);
export const keptOffer = (): string | null => sessionStorage.getItem(offer);
export const dropOffer = (): void => sessionStorage.removeItem(offer);

/**
 * Logs in with what came. Null if this page did not begin it: then it is a popup's, or an effect of React that runs twice. The
 * caller looks at `challenge`, `link` and `errors`.
 */
export async function loginWithProvider(session: Session, send: Send, { flow, code }: Came): Promise<LoginWithProviderMutation["loginWithProvider"] | null> {
  const answer = takeAnswer({ flow, code });
  if (!answer) return null;
  const { loginWithProvider } = await send(LoginWithProviderDocument, { input: { answer, session: { delivery: session.delivery } } });
  if (loginWithProvider.auth) session.begin(loginWithProvider.auth);
  return loginWithProvider;
}
