import { setTimeout as sleep } from "node:timers/promises";
import { readLink, type Link } from "../../examples/react/src/confirmation";
import type { Server } from "./server";

/** mailed waits for an e-mail of a kind and reads its link. */
export async function mailed(server: Server, kind: "confirm" | "change_email" | "reset_password", to: string): Promise<Link> {
  for (const end = Date.now() + 15_000; Date.now() < end; await sleep(100)) {
    const mails = await (await fetch(`${server.url}/dev/mailbox.json`)).json() as { to: string; letter: string; text: string }[];
    const mail = mails.find((m) => m.to === to && m.letter === kind);
    const link = mail && readLink(/#\S+/.exec(mail.text)?.[0] ?? "");
    if (link) return link;
  }
  throw new Error(`no e-mail ${kind} arrived`);
}
