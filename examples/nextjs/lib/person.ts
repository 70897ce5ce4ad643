import { cookies } from "next/headers";
import { cache } from "react";
import { accessCookie, personOf, sessionCookie, tokenIn, type Person } from "./authgraph";

/** Who asks for this page. It asks authgraph once for each request, so that a session that was ended elsewhere is over here too. */
export const person = cache(async (): Promise<Person | null> => {
  const jar = await cookies();
  const token = tokenIn(jar.get(accessCookie)?.value, jar.get(sessionCookie)?.value);
  return token === null ? null : personOf(token);
});
