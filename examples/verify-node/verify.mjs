// Checks authgraph's access tokens in another service. Copy it.
import { createRemoteJWKSet, jwtVerify } from "jose";

/**
 * Makes a verifier.
 *
 * issuer and audience are AUTHGRAPH_ISSUER and AUTHGRAPH_AUDIENCE: both are the
 * public URL unless they were set. algorithm is AUTHGRAPH_JWT_ALGORITHM.
 *
 * The keys are fetched when they are needed, kept for cacheMaxAge, so that one
 * that authgraph has taken away is not believed for ever, and fetched anew for
 * an unknown key, but not within cooldownDuration of the last time: anybody can
 * make up the name of a key. Both are milliseconds.
 */
export function verifier({
  issuer,
  audience,
  algorithm = "ES256",
  keysURL = new URL("/.well-known/jwks.json", issuer),
  cacheMaxAge = 300_000,
  cooldownDuration = 10_000,
  now = () => new Date(),
}) {
  const keys = createRemoteJWKSet(new URL(keysURL), { cacheMaxAge, cooldownDuration });
  /**
   * Checks a token and that it has the scope: `session` for a person, one of
   * AUTHGRAPH_API_TOKEN_SCOPES for a program. `sub` is the account's id.
   */
  return async function verify(token, scope) {
    const { payload } = await jwtVerify(token, keys, {
      issuer,
      audience,
      algorithms: [algorithm],
      typ: "at+jwt",
      clockTolerance: 30,
      requiredClaims: ["sub", "exp", "iat", "scope"],
      currentDate: now(),
    });
    if (payload.iat > now() / 1000 + 30) throw new Error("the token is from the future");
    if (!payload.scope.split(" ").includes(scope)) throw new Error("the token lacks the scope");
    return payload;
  };
}
