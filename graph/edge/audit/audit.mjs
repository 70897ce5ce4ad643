// Runs every audit of graphql-http, the MAY ones included, against the server
// at AUTHGRAPH_URL (its public URL, or the whole URL of its GraphQL endpoint),
// and fails unless all pass. Some audits ask for __type: introspection is on.
import { auditServer } from 'graphql-http';

const expected = 61;

const url = new URL(process.env.AUTHGRAPH_URL ?? 'http://localhost:8080');
if (url.pathname === '/') url.pathname = '/graphql';

const results = await auditServer({ url: url.href });
const failed = results.filter((result) => result.status !== 'ok');
for (const { id, name, status, reason } of failed) console.error(`${status} ${id} ${name}: ${reason}`);
console.log(`${results.length - failed.length} of ${results.length} audits pass`);
if (failed.length > 0 || results.length !== expected) process.exit(1);
