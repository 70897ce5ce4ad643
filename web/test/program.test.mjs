// A program that does not start fails a test at once, and says why.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { test } from "node:test";
import { heard, skip, start } from "./program.mjs";

test("a server that refuses its settings", { skip }, async (t) => {
  await assert.rejects(start(t, { LISTEN: "nowhere" }), /the program ended \(\d+\).*AUTHGRAPH_LISTEN/s);
});

test("a program that ends without a word, and one that is not there", async () => {
  await assert.rejects(heard(spawn(process.execPath, ["-e", "process.exit(3)"]), /Ready/), /ended \(3\)/);
  await assert.rejects(heard(spawn("/nowhere/at/all"), /Ready/), /ENOENT/);
});

test("what was said in pieces is heard", async () => {
  const child = spawn(process.execPath, ["-e", "process.stdout.write('Rea'); setTimeout(() => process.stdout.write('dy'), 50)"]);
  await heard(child, /Ready/);
});
