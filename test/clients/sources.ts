import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./server";

/** The files of the schema: the contract, and those of later capabilities that extend it, in the order of gqlgen.yml. profile.graphqls is served only where an operator declares fields. */
export const sdlFiles: string[] = /^schema: \[(.*)\]$/m.exec(readFileSync(join(root, "gqlgen.yml"), "utf8"))![1]!
  .split(", ").filter((name) => name !== "graph/profile.graphqls").map((name) => join(root, name));

export const sdl: string = sdlFiles.map((file) => readFileSync(file, "utf8")).join("\n");
