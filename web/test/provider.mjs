// A certified OpenID Connect provider of a test's own, and a server that logs in with it.
// The provider is on 127.0.0.1 and the server on localhost: to a browser they are
// different sites.
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { after } from "node:test";
import Provider from "oidc-provider";
import { freePort, start } from "./program.mjs";

const form = (name) => `<!doctype html><html lang="en"><title>${name}</title><h1>${name}</h1><form method="post">
  <label>Name <input name="who"></label>
  <button name="does" value="login">Log in</button>
  <button name="does" value="access_denied">Cancel</button>
  <button name="does" value="server_error">Break</button>
</form>`;

async function bodyOf(req) {
  let text = "";
  for await (const part of req) text += part;
  return new URLSearchParams(text);
}

// peer starts a provider. people maps whom one can log in as to what is claimed of them.
// Its own pages ask who comes, and nothing else.
async function peer(name, redirect) {
  const people = new Map();
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  after(() => { server.closeAllConnections(); server.close(); });
  const origin = `http://127.0.0.1:${server.address().port}`;
  const secret = randomBytes(32).toString("hex");
  const provider = new Provider(origin, {
    clients: [{ client_id: "authgraph", client_secret: secret, redirect_uris: [redirect] }],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    cookies: { keys: [randomBytes(32).toString("hex")] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    findAccount: (_, id) => (people.has(id) ? { accountId: id, claims: () => ({ sub: id, ...people.get(id) }) } : undefined),
    async loadExistingGrant({ oidc }) { // nobody is asked to consent
      const grant = new provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
      grant.addOIDCScope("openid email profile");
      await grant.save();
      return grant;
    },
  });
  const answer = provider.callback();
  server.on("request", async (req, res) => {
    if (!req.url.startsWith("/interaction/")) return answer(req, res);
    if (req.method === "GET") return res.writeHead(200, { "Content-Type": "text/html" }).end(form(name));
    const said = await bodyOf(req);
    const does = said.get("does");
    return provider.interactionFinished(req, res, does === "login" ? { login: { accountId: said.get("who") } } : { error: does });
  });
  return { name, origin, secret, people };
}

// providers are corp and club, for the server at a URL, and the settings that name them and a third that is not there.
export async function providers(at) {
  const corp = await peer("Corp", `${at}/oidc/corp/callback`);
  const club = await peer("Club", `${at}/oidc/club/callback`);
  const of = (id, name, issuer, secret) => ({
    [`PROVIDER_${id}_ISSUER`]: issuer, [`PROVIDER_${id}_NAME`]: name, [`PROVIDER_${id}_EMAIL`]: "verified",
    [`PROVIDER_${id}_CLIENT_ID`]: "authgraph", [`PROVIDER_${id}_CLIENT_SECRET`]: secret,
  });
  const settings = {
    PROVIDERS: "corp,club,gone", LIMIT_SIGN_UP: "off", LIMIT_LOGIN: "1000/15m",
    ...of("CORP", "Corp", corp.origin, corp.secret), ...of("CLUB", "Club", club.origin, club.secret),
    ...of("GONE", "Gone", "http://127.0.0.1:9", "none"),
  };
  return { corp, club, settings };
}

// serve starts a server with them.
export async function serve(settings = {}) {
  const port = await freePort();
  const at = `http://localhost:${port}`;
  const { corp, club, settings: named } = await providers(at);
  await start({ after }, { LISTEN: `localhost:${port}`, ...named, ...settings });
  return { at, corp, club };
}

// somebody is a new person at a provider, with an address that it verified.
export function somebody({ people }, claims = {}) {
  const who = `p${randomBytes(6).toString("hex")}`;
  const email = `${who}@example.org`;
  people.set(who, { email, email_verified: true, name: "Ann Example", ...claims });
  return { who, email };
}

export const heading = (page, name) => page.getByRole("heading", { name, exact: true }).waitFor();

// go leaves /signed-in for a provider, and answers its form.
export async function go(page, name, who, does = "Log in") {
  await page.getByRole("button", { name: `Continue with ${name}` }).click();
  await page.getByLabel("Name", { exact: true }).fill(who);
  await page.getByRole("button", { name: does, exact: true }).click();
}

// bearer is an access token of the session whose cookie the page's browser has.
export const bearer = (page, at) => page.evaluate(async (url) => {
  const response = await fetch(url, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ query: "mutation { refresh { auth { accessToken } } }" }),
  });
  return (await response.json()).data.refresh.auth.accessToken;
}, `${at}/graphql`);
