import { expect, test } from "vitest";
import { fillPeople } from "./fill/people.ts";
import { startServer } from "./server.ts";
import { measureIdle } from "./sockets.ts";
import { temporaryFolder } from "./target.ts";

test("people who say nothing are all connected, on both kinds of socket", { timeout: 180_000 }, async () => {
  await using folder = await temporaryFolder();
  await using server = await startServer(folder.path);
  const people = await fillPeople(server, 12);
  for (const kind of ["chat", "notification"] as const) {
    const figures = await measureIdle(server, people, kind, 0.5);
    expect(figures[0]).toEqual({ what: `sockets: ${kind}, open`, value: 12, unit: "" });
    expect(figures.every(({ value }) => Number.isFinite(value))).toBe(true);
  }
});
