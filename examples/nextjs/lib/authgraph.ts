// What the app's server asks authgraph. Nothing here runs in the browser.
import { createHash } from "node:crypto";

const server = process.env.AUTHGRAPH_URL ?? "http://localhost:8080";
/** The app's own URL: AUTHGRAPH_PUBLIC_URL of the server, too. */
export const site = new URL(process.env.SITE_URL ?? "http://localhost:3000");

const secure = site.protocol === "https:";
/** authgraph's cookie with the refresh token. */
export const sessionCookie = secure ? "__Host-authgraph" : "authgraph";
/** The app's own cookie with the access token, so that not every page refreshes. */
export const accessCookie = secure ? "__Host-access" : "access";

/** Thrown where authgraph cannot answer now. Nobody is logged out by that. */
export class Away extends Error {}

export interface Visit {
  /** The refresh token that the browser sent. */
  session: string;
  /** X-Forwarded-For, from the proxy in front. */
  from: string | null;
}

/** What became of a visit's session. `setCookies` go to the browser in every case. */
export type Renewal =
  | { status: "renewed"; access: string; setCookies: string[] }
  | { status: "ended" | "second factor needed"; setCookies: string[] };

/** Trades the refresh token for the next one and an access token. The old one is used up: the browser must get `setCookies`. */
export async function renew(visit: Visit): Promise<Renewal> {
  const response = await ask("/token", { method: "POST", headers: headersOf(visit) });
  const setCookies = response.headers.getSetCookie();
  if (response.status === 401) {
    const limited = response.headers.get("WWW-Authenticate")?.includes("insufficient_user_authentication");
    return { status: limited ? "second factor needed" : "ended", setCookies };
  }
  if (response.status !== 201) throw new Away(`POST /token: ${response.status}`);
  const { accessToken, expiresIn } = (await response.json()) as { accessToken: string; expiresIn: number };
  const access = `${mark(sessionIn(setCookies) ?? visit.session)}.${accessToken}`;
  // It ends a little before the token, so that none expires on its way.
  const kept = Math.max(1, Math.floor(expiresIn * 0.9));
  return { status: "renewed", access, setCookies: [...setCookies, cookie(access, kept)] };
}

/** Ends the session. */
export async function logOut(visit: Visit): Promise<string[]> {
  const body = JSON.stringify({ query: "mutation { logout { errors { code } } }" });
  const response = await ask("/graphql", { method: "POST", body, headers: { ...headersOf(visit), "Content-Type": "application/json" } });
  if (!response.ok) throw new Away(`logout: ${response.status}`);
  return [...response.headers.getSetCookie(), noAccess];
}

export interface Person {
  id: string;
  username: string | null;
  email: string | null;
}

/** Who an access token is. Null if its session has ended. */
export async function personOf(accessToken: string): Promise<Person | null> {
  const body = JSON.stringify({ query: "{ me { id username email } }" });
  const response = await ask("/graphql", { method: "POST", body, headers: { "Content-Type": "application/json", Authorization: `Bearer ${accessToken}` } });
  const { data, errors } = (await response.json()) as { data?: { me: Person | null }; errors?: { extensions: { code: string } }[] };
  if (errors && errors[0].extensions.code !== "UNAUTHENTICATED") throw new Away(`me: ${errors[0].extensions.code}`);
  return data?.me ?? null;
}

/** The token in the app's cookie, if it was made for this session cookie and not for one before it, such as another person's. */
export function tokenIn(access: string | undefined, session: string | undefined): string | null {
  if (!access || !session || !access.startsWith(`${mark(session)}.`)) return null;
  return access.slice(access.indexOf(".") + 1);
}

/** Takes the app's cookie away. */
export const noAccess = cookie("", 0);

function cookie(value: string, seconds: number): string {
  return `${accessCookie}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Lax${secure ? "; Secure" : ""}`;
}

const mark = (session: string): string => createHash("sha256").update(session).digest("base64url").slice(0, 22);

/** The refresh token that a Set-Cookie has. */
export function sessionIn(setCookies: string[]): string | undefined {
  const line = setCookies.find((each) => each.startsWith(`${sessionCookie}=`));
  return line?.slice(sessionCookie.length + 1, line.indexOf(";"));
}

// Our cookie and no other. No Origin: it says which page asks, and here none does.
function headersOf({ session, from }: Visit): Record<string, string> {
  return { Cookie: `${sessionCookie}=${session}`, ...(from && { "X-Forwarded-For": from }) };
}

async function ask(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(server + path, { ...init, cache: "no-store", redirect: "error", signal: AbortSignal.timeout(5_000) });
  } catch (cause) {
    throw new Away(`${path}: no answer`, { cause });
  }
}
