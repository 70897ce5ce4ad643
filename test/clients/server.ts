import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** The root of the repository, seen from dist/test/clients. */
export const root = join(__dirname, "../../../../..");

export const example = join(root, "examples/react");

/** What `npm run build` made. */
export const binary = join(__dirname, "../../authgraph");

export interface Server {
  /** As http://localhost:40123. */
  url: string;
  stop(): Promise<void>;
}

/** serve starts a server on a port and a database of its own. */
export async function serve(settings: Record<string, string> = {}): Promise<Server> {
  const data = await mkdtemp(join(tmpdir(), "authgraph-clients-"));
  const child = spawn(binary, {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: process.env.PATH,
      AUTHGRAPH_LISTEN: "localhost:0", AUTHGRAPH_ADMIN_LISTEN: "off", AUTHGRAPH_DATA_DIR: data,
      AUTHGRAPH_LIMIT_SIGN_UP: "off", AUTHGRAPH_LIMIT_LOGIN: "1000/15m",
      ...settings,
    },
  });
  const exited = once(child, "exit");
  let log = "";
  child.stderr.on("data", (text) => (log += text));
  const stop = async () => {
    child.kill();
    await exited;
    await rm(data, { recursive: true });
  };
  for await (const line of createInterface(child.stdout)) {
    const url = /^authgraph serves (\S+)/.exec(line)?.[1];
    if (url) return { url, stop };
  }
  await stop();
  throw new Error(`the server did not start:\n${log}`);
}
