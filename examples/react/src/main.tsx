import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App, type PageKind } from "./App";
import { Account } from "./pages/Account";
import { Confirm } from "./pages/Confirm";
import { Forgotten } from "./pages/Forgotten";
import { Home } from "./pages/Home";
import { LogIn } from "./pages/LogIn";
import { Reset } from "./pages/Reset";
import { SignedIn } from "./pages/SignedIn";
import { SignUp } from "./pages/SignUp";
import { Session } from "./session";
import { site } from "./site";
import "./style.css";

const pages: Record<string, PageKind> = {
  "/": { page: Home },
  "/log-in": { page: LogIn, for: "visitor" },
  "/sign-up": { page: SignUp, for: "visitor" },
  "/forgotten": { page: Forgotten, for: "visitor" },
  "/account": { page: Account, for: "owner" },
  "/confirm": { page: Confirm }, // AUTHGRAPH_CONFIRM_URL
  "/reset": { page: Reset }, // AUTHGRAPH_RESET_URL
  "/signed-in": { page: SignedIn }, // one of AUTHGRAPH_RETURN_URLS
};

const session = new Session({ tabs: "authgraph" });

createRoot(document.getElementById("root")!).render(<StrictMode><App session={session} site={site} pages={pages} /></StrictMode>);
