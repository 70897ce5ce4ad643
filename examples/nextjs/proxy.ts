// Runs before each page that asks who is logged in. A page cannot set cookies, so the session is renewed here.
import { NextResponse, type NextRequest } from "next/server";
import { Away, accessCookie, noAccess, renew, sessionCookie, sessionIn, tokenIn } from "./lib/authgraph";

// Not what is passed on to authgraph, and no files: each renewal uses up a refresh token.
export const config = { matcher: ["/", "/private/:path*"] };

export async function proxy(request: NextRequest): Promise<Response> {
  const session = request.cookies.get(sessionCookie)?.value;
  const access = request.cookies.get(accessCookie)?.value;
  if (tokenIn(access, session)) return NextResponse.next();
  if (!session) return access === undefined ? NextResponse.next() : go(request, undefined, undefined, [noAccess]);
  try {
    const renewal = await renew({ session, from: request.headers.get("x-forwarded-for") });
    switch (renewal.status) {
      case "renewed":
        return go(request, sessionIn(renewal.setCookies), renewal.access, renewal.setCookies);
      case "ended":
        return go(request, undefined, undefined, [...renewal.setCookies, noAccess]);
      case "second factor needed": // authgraph's own page has them set one up
        return withCookies(NextResponse.redirect(new URL("/account", request.url)), renewal.setCookies);
    }
  } catch (error) {
    if (!(error instanceof Away)) throw error;
    console.error(error.message);
    return new Response("Please try again in a moment.", { status: 503, headers: { "Retry-After": "5" } });
  }
}

// go has the page see the cookies as the browser will have them, and the browser get them.
function go(request: NextRequest, session: string | undefined, access: string | undefined, setCookies: string[]): Response {
  for (const [name, value] of [[sessionCookie, session], [accessCookie, access]] as const) {
    if (value === undefined) request.cookies.delete(name);
    else request.cookies.set(name, value);
  }
  return withCookies(NextResponse.next({ request: { headers: request.headers } }), setCookies);
}

function withCookies(response: Response, setCookies: string[]): Response {
  for (const each of setCookies) response.headers.append("Set-Cookie", each);
  return response;
}
