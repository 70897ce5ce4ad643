import type { NextConfig } from "next";

// Read when the app is built: `next build` writes it down.
const authgraph = process.env.AUTHGRAPH_URL ?? "http://localhost:8080";

// What the browser asks authgraph for, on the app's own origin: so the cookie is the app's too. In production,
// let the proxy in front pass these paths on instead. Only it can say from which address people come.
const passedOn = ["/graphql", "/log-in", "/sign-up", "/account", "/confirm", "/reset", "/code", "/signed-in", "/pages/:path*", "/oidc/:path*", "/.well-known/:path*"];

export default {
  poweredByHeader: false,
  rewrites: async () => passedOn.map((source) => ({ source, destination: authgraph + source })),
} satisfies NextConfig;
