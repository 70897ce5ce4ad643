// /log-in, /sign-up and /account, for those without a front end: pages of examples/react, which say what the server's
// page around them says (see web/hosted.go).
import { createRoot } from "react-dom/client";
import { App, type PageKind } from "../../examples/react/src/App";
import { Account } from "../../examples/react/src/pages/Account";
import { LogIn } from "../../examples/react/src/pages/LogIn";
import { SignUp } from "../../examples/react/src/pages/SignUp";
import { Session } from "../../examples/react/src/session";
import type { Site } from "../../examples/react/src/site";
import "../../examples/react/src/style.css";

const said = document.body.dataset;
const base = said.base ?? "";
const apps = JSON.parse(said.apps ?? "[]") as string[];

/** wanted is where people go on to: what `return` asks for, if it is one of AUTHGRAPH_APP_URL to the letter, else the first one. */
function wanted(): string | undefined {
  const key = "authgraph.return";
  const asked = new URLSearchParams(location.search).get("return");
  if (asked && apps.includes(asked)) sessionStorage.setItem(key, asked); // for the way by sign-up
  const kept = sessionStorage.getItem(key);
  return kept && apps.includes(kept) ? kept : apps[0];
}

const app = wanted();
const site: Site = {
  name: said.service ?? "",
  endpoint: said.endpoint ?? "/graphql",
  registered: said.registered !== undefined,
  base,
  returnUrl: said.returnUrl ?? "",
  home: app ?? `${base}/account`,
  app,
  plain: { "/forgotten": "/reset" },
  profile: [],
};

const pages: Record<string, PageKind> = {
  "/log-in": { page: LogIn, for: "visitor" },
  "/sign-up": { page: SignUp, for: "visitor" },
  "/account": { page: Account, for: "owner" },
};

createRoot(document.getElementById("root")!).render(<App session={new Session({ tabs: "authgraph" })} site={site} pages={pages} />);
