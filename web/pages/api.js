// Talks to the GraphQL endpoint of this origin, as any client would.

const patience = 30_000; // milliseconds: hashing may wait in a queue, but not that long

// call runs a mutation that has one root field and returns
//   { payload }  what the server answered for that field,
//   { refusal }  { code, retryAfter, requestId } where it did not do it at all;
//                code NETWORK: nobody answered.
// Cookies are neither sent nor kept, unless options.cookies says so.
// options.bearer is an access token.
export async function call(query, input, { cookies = false, bearer = "" } = {}) {
  let response;
  try {
    response = await fetch(document.body.dataset.endpoint, {
      method: "POST",
      headers: {
        "Content-Type": "application/json", Accept: "application/json",
        ...(bearer && { Authorization: `Bearer ${bearer}` }),
      },
      body: JSON.stringify({ query, ...(input && { variables: { input } }) }),
      credentials: cookies ? "same-origin" : "omit",
      cache: "no-store",
      redirect: "error",
      signal: AbortSignal.timeout(patience),
    });
  } catch {
    return { refusal: { code: "NETWORK" } };
  }
  return read(response);
}

async function read(response) {
  let body = null;
  try {
    body = await response.json();
  } catch {
    // Not our server's answer: something in between. Its status must do.
  }
  const extensions = body?.errors?.[0]?.extensions;
  if (body?.errors) return { refusal: { ...extensions, code: extensions?.code ?? "INTERNAL_SERVER_ERROR" } };
  const payload = Object.values(body?.data ?? {})[0];
  if (payload) return { payload };
  const code = { 429: "RATE_LIMITED", 503: "OVERLOADED" }[response.status] ?? "INTERNAL_SERVER_ERROR";
  return { refusal: { code, retryAfter: Number(response.headers.get("Retry-After")) || undefined } };
}

// endSession ends the session that redeeming a token began, where the page hands
// its tokens to no one: nobody would use it, and the person logs in where they
// came from. If the call is lost the session just expires, unused, and is listed
// under its name until then.
export async function endSession(auth) {
  if (!auth?.refreshToken) return;
  await call(document.body.dataset.endSession, { refreshToken: auth.refreshToken });
}

// sessionBearer returns an access token of the session whose cookie this browser
// holds, or "". The session goes on: its other tabs refresh as before.
export async function sessionBearer() {
  const { payload } = await call(document.body.dataset.refresh, null, { cookies: true });
  return payload?.auth?.accessToken ?? "";
}
