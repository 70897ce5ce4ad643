import type { NextRequest } from "next/server";
import { Away, logOut, noAccess, sessionCookie, site } from "../../lib/authgraph";

export async function POST(request: NextRequest): Promise<Response> {
  // The app's server sends no Origin on, so authgraph cannot tell who made the browser ask. This must.
  if (request.headers.get("origin") !== site.origin) return new Response("Forbidden", { status: 403 });
  const headers = new Headers({ Location: "/", "Cache-Control": "no-store" });
  const session = request.cookies.get(sessionCookie)?.value;
  try {
    const setCookies = session ? await logOut({ session, from: request.headers.get("x-forwarded-for") }) : [noAccess];
    for (const each of setCookies) headers.append("Set-Cookie", each);
    return new Response(null, { status: 303, headers });
  } catch (error) {
    if (!(error instanceof Away)) throw error;
    return new Response("You are still logged in. Please try again in a moment.", { status: 503, headers: { "Retry-After": "5" } });
  }
}
