import { writeFile } from "node:fs/promises";
import { asyncApiDocument } from "@gochat/contracts/asyncapi";
import { events } from "@gochat/contracts/events/events";
import { openApiDocument } from "@gochat/contracts/openapi";
import { eventTable } from "./event-table.ts";

const print = (document: object) => `${JSON.stringify(document, null, 2)}\n`;

/** What `npm run docs` writes into docs/, by file name. */
export function generatedDocs(): Record<string, string> {
  return {
    "events.md": eventTable(events),
    "openapi.json": print(openApiDocument()),
    "asyncapi.json": print(asyncApiDocument()),
  };
}

export const docsFolder = new URL("../docs/", import.meta.url);

if (import.meta.main) {
  for (const [name, text] of Object.entries(generatedDocs()))
    await writeFile(new URL(name, docsFolder), text);
}
