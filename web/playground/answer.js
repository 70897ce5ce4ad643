// Reads out of an answer what the bar can offer to do with it.

// offerFrom returns what an answer to the operation makes possible, or null:
//   { from, kind: "session", accessToken, expiresIn, refreshToken }
//   { from, kind: "letter", letter: "confirm" or "reset_password", to }
//   { from, kind: "other", id }  a session that is not the one that asked
//   { from, kind: "fill", what, tab, name, value }  something that another tab needs
// where from is the operation's name.
export function offerFrom({ operationName, query, variables }, result) {
  const data = result?.data ?? {};
  const from = operationName ?? "this operation";
  const auth = find(data, (o) => typeof o.accessToken === "string");
  if (auth) return { ...auth, from, kind: "session" };
  const needed = fillFrom(data);
  if (needed) return { ...needed, from, kind: "fill" };
  const to = variables?.input?.email ?? "";
  if (find(data, (o) => o.status === "CONFIRMATION_SENT")) return { from, kind: "letter", letter: "confirm", to };
  const other = find(data, (o) => o.current === false && typeof o.id === "string");
  if (other && data.me) return { from, kind: "other", id: other.id };
  const asked = /\brequestPasswordReset\b/.test(query) && find(data, (o) => o.errors?.length === 0);
  return asked ? { from, kind: "letter", letter: "reset_password", to } : null;
}

// fillFrom finds what the tabs about second factors need.
function fillFrom(data) {
  const challenge = find(data, (o) => typeof o.expiresIn === "number" && Array.isArray(o.methods));
  if (challenge) return { what: "challenge", tab: "AnswerChallenge", name: "challenge", value: challenge.token };
  const id = typeof data.addTotp?.id === "string" && data.addTotp.id;
  if (id) return { what: "id", tab: "ConfirmTotp", name: "id", value: id };
  const codes = data.makeRecoveryCodes?.recoveryCodes;
  return codes?.length ? { what: "first recovery code", tab: "ReauthenticateByCode", name: "recoveryCode", value: codes[0] } : null;
}

// find returns the first object in a tree of JSON that suits.
function find(tree, suits) {
  if (tree === null || typeof tree !== "object") return null;
  if (!Array.isArray(tree) && suits(tree)) return tree;
  for (const branch of Object.values(tree)) {
    const found = find(branch, suits);
    if (found) return found;
  }
  return null;
}
