import assert from "node:assert/strict";

/** A request that a page sent, and how it was answered. */
export interface Call {
  method: string;
  /** Name of the operation, where the request or its document tells. */
  operation: string | undefined;
  headers: Headers;
  /** The parameters of the GraphQL request, from the body or the query string. */
  params: { query?: string; variables?: { input?: { refreshToken?: string } }; extensions?: { persistedQuery?: { sha256Hash: string } } };
  cookie?: string | null;
  response?: Response;
}

/** Stands between page and server: may answer by itself, wait, or throw as a broken line does. */
export type Between = (call: Call) => Promise<Response | void> | Response | void;

const simpleHeaders = ["accept", "accept-language", "content-language"];

/**
 * Browser is as much of one as decides about a page's requests: the cookies, Origin, and CORS with its preflight (the
 * Fetch standard, sections 3.2 and 4.8). Its tabs share it.
 */
export class Browser {
  readonly calls: Call[] = [];
  readonly cookies = new Map<string, string>();
  readonly setCookies: string[] = [];
  between: Between = () => {};

  constructor(readonly origin = "http://localhost:5173") {}

  sent(operation: string): Call[] {
    return this.calls.filter((call) => call.operation === operation);
  }

  /** What the requests of an operation were answered with, but for unknown hashes: DATA or the code of the error. */
  async answers(operation: string): Promise<string[]> {
    const bodies = await Promise.all(this.sent(operation).map(async ({ response }) => response!.clone().json()));
    return bodies.map(({ errors }) => errors?.[0].extensions.code ?? "DATA").filter((a) => a !== "PERSISTED_QUERY_NOT_FOUND");
  }

  readonly fetch = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const url = new URL(input instanceof Request ? input.url : input);
    const headers = new Headers(init?.headers);
    const method = init?.method ?? "GET";
    const credentials = init?.credentials ?? "same-origin";
    const foreign = url.origin !== this.origin;
    const call: Call = { method, headers, ...read(url, init?.body) };
    this.calls.push(call);
    if (foreign) await this.preflight(url, method, headers, credentials);
    const answer = await this.between(call);
    if (answer) return (call.response = answer);

    const sent = new Headers(headers);
    sent.set("Origin", this.origin);
    sent.set("Sec-Fetch-Site", !foreign ? "same-origin" : url.hostname === new URL(this.origin).hostname ? "same-site" : "cross-site");
    const keeps = credentials === "include" || (credentials === "same-origin" && !foreign);
    if (keeps && this.cookies.size > 0) sent.set("Cookie", [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; "));
    call.cookie = sent.get("Cookie");
    const response = await fetch(url, { method, headers: sent, body: init?.body, signal: init?.signal });
    if (foreign) this.mayRead(response, credentials);
    if (keeps) response.headers.getSetCookie().forEach((cookie) => this.keep(cookie));
    call.response = response.clone();
    return response;
  };

  private async preflight(url: URL, method: string, headers: Headers, credentials: string): Promise<void> {
    const unsafe = [...headers.keys()].filter((name) => !simpleHeaders.includes(name)
      && !(name === "content-type" && /^(text\/plain|multipart\/form-data|application\/x-www-form-urlencoded)/.test(headers.get(name) ?? "")));
    if (unsafe.length === 0 && ["GET", "HEAD", "POST"].includes(method)) return;
    const response = await fetch(url, {
      method: "OPTIONS",
      headers: { Origin: this.origin, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": unsafe.sort().join(",") },
    });
    assert.ok(response.ok, `preflight: ${response.status}`);
    this.mayRead(response, credentials);
    const allowed = (response.headers.get("Access-Control-Allow-Headers") ?? "").toLowerCase().split(",").map((name) => name.trim());
    for (const name of unsafe) assert.ok(allowed.includes(name), `preflight: the header ${name} is not allowed`);
  }

  private mayRead(response: Response, credentials: string): void {
    assert.equal(response.headers.get("Access-Control-Allow-Origin"), this.origin, "CORS: the page may not read the answer");
    if (credentials === "include") assert.equal(response.headers.get("Access-Control-Allow-Credentials"), "true");
  }

  private keep(cookie: string): void {
    this.setCookies.push(cookie);
    const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
    if (/;\s*max-age=(0|-\d+)/i.test(cookie)) this.cookies.delete(name);
    else this.cookies.set(name, value);
  }
}

function read(url: URL, body: RequestInit["body"]): Pick<Call, "operation" | "params"> {
  const params = typeof body === "string" ? JSON.parse(body) : Object.fromEntries(url.searchParams);
  if (typeof params.extensions === "string") params.extensions = JSON.parse(params.extensions);
  return { params, operation: params.operationName ?? /^\s*(?:query|mutation)\s+(\w+)/.exec(params.query ?? "")?.[1] };
}
