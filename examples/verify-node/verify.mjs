// Checks authgraph's access tokens in another service.
import { createRemoteJWKSet, jwtVerify } from "jose";

/**
 * Makes a verifier. issuer and audience are AUTHGRAPH_ISSUER and
 * AUTHGRAPH_AUDIENCE: both are the public URL unless they were set.
 */
export function verifier({ issuer, audience, algorithm = "ES256" }) {
  // Fetched when needed, kept, and fetched anew for an unknown key.
  const keys = createRemoteJWKSet(new URL("/.well-known/jwks.json", issuer));
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
      requiredClaims: ["sub", "exp", "scope"],
    });
    if (!payload.scope.split(" ").includes(scope)) throw new Error("the token lacks the scope");
    return payload;
  };
}
