// A receiver of authgraph's hooks, to copy. It verifies that a question is from
// authgraph, and answers it.
//
//   HOOK_SECRET=whsec_… PORT=3000 node hook.mjs
import { createServer } from "node:http";
import { pathToFileURL } from "node:url";
import { Webhook } from "standardwebhooks";

const longest = 64 * 1024; // of a question, in bytes

// Your rules. A refusal names a field of the input and says why.
export function validate({ input }) {
  const errors = [];
  const year = input.profile?.birthYear;
  if (year && new Date().getFullYear() - year < 18) {
    errors.push({ field: ["profile", "birthYear"], message: "You must be 18." });
  }
  if (input.username?.toLowerCase().includes("admin")) errors.push({ field: ["username"], message: "This name is ours." });
  return errors.length ? { errors } : {};
}

// What access tokens carry. At most 2 KiB together with the file of AUTHGRAPH_CLAIMS.
export function claims({ user }) {
  return { claims: { plan: user.profile?.plan ?? "FREE" } };
}

const hooks = { "/authgraph/validate": validate, "/authgraph/claims": claims };

async function read(request) {
  let body = "";
  for await (const chunk of request.setEncoding("utf8")) {
    body += chunk;
    if (body.length > longest) throw new Error("too long");
  }
  return body;
}

export function receiver(secret) {
  const webhook = new Webhook(secret);
  return createServer(async (request, response) => {
    const answer = (status, body) => {
      response.writeHead(status, { "Content-Type": "application/json" });
      response.end(JSON.stringify(body));
    };
    const hook = hooks[request.url];
    if (!hook || request.method !== "POST") return answer(404, {});
    let question;
    try {
      // It throws for a wrong signature, and for a message that is older than five minutes.
      question = webhook.verify(await read(request), request.headers);
    } catch {
      return answer(401, {});
    }
    try {
      answer(200, await hook(question));
    } catch (error) {
      console.error(error);
      answer(500, {}); // authgraph then does as `onFailure` says
    }
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  receiver(process.env.HOOK_SECRET).listen(Number(process.env.PORT ?? 3000), "localhost");
}
