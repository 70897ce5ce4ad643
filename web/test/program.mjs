// Starts a server of a test's own, with settings that the others do not have.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

// program is what AUTHGRAPH_PROGRAM names. Without it such tests are skipped.
export const program = process.env.AUTHGRAPH_PROGRAM;
export const skip = !program && "AUTHGRAPH_PROGRAM is not set";

// freePort is for a server whose URL must be known before it starts.
export async function freePort() {
  const socket = createServer().listen(0, "localhost");
  await once(socket, "listening");
  const { port } = socket.address();
  await new Promise((resolve) => { socket.close(resolve); });
  return port;
}

// heard waits until a program says what a pattern finds. If it ends before, that fails with all that it said.
export function heard(child, pattern) {
  let said = "";
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text) => {
        said = (said + text).slice(-10_000);
        const found = pattern.exec(said);
        if (found) resolve(found);
      });
    }
    child.on("error", reject);
    child.on("close", (status, signal) => reject(new Error(`the program ended (${status ?? signal}): ${said}`)));
  });
}

// ended ends a program, if it has not ended by itself.
export async function ended(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill();
  await once(child, "exit");
}

// start returns the server's public URL. It ends with the test.
export async function start(t, settings) {
  const data = mkdtempSync(join(tmpdir(), "authgraph-web-"));
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("AUTHGRAPH_")));
  for (const [name, value] of Object.entries({ ADMIN_LISTEN: "off", DATA_DIR: data, ...settings })) env[`AUTHGRAPH_${name}`] = value;
  const server = spawn(program, ["serve"], { env, stdio: ["ignore", "pipe", "pipe"] });
  t.after(async () => {
    await ended(server);
    rmSync(data, { recursive: true });
  });
  const [, url] = await heard(server, /authgraph serves (\S+)\n/);
  return url;
}
