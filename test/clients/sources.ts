import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./server";

/** The files of the schema: the contract, and those of later capabilities that extend it. profile.graphqls is served only where an operator declares fields. */
export const sdlFiles: string[] = [
  join(root, "schema.graphqls"),
  ...readdirSync(join(root, "graph")).filter((name) => name.endsWith(".graphqls") && name !== "profile.graphqls").map((name) => join(root, "graph", name)),
];

export const sdl: string = sdlFiles.map((file) => readFileSync(file, "utf8")).join("\n");
