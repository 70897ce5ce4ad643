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

// start returns the server's public URL. It ends with the test.
export async function start(t, settings) {
  const data = mkdtempSync(join(tmpdir(), "authgraph-web-"));
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("AUTHGRAPH_")));
  for (const [name, value] of Object.entries({ ADMIN_LISTEN: "off", DATA_DIR: data, ...settings })) env[`AUTHGRAPH_${name}`] = value;
  const server = spawn(program, ["serve"], { env, stdio: ["ignore", "pipe", "ignore"] });
  t.after(async () => {
    if (server.exitCode === null) {
      server.kill();
      await once(server, "exit");
    }
    rmSync(data, { recursive: true });
  });
  const [said] = await once(server.stdout, "data");
  return /authgraph serves (\S+)\n/.exec(said)[1];
}
