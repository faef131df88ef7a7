import { afterAll, beforeAll, expect, test } from "vitest";
import { measurePresence, measureRows } from "./growth.ts";
import { measureNoisy } from "./noisy.ts";
import { measureOverload } from "./overload.ts";
import type { Figure } from "./scenario.ts";
import { startServer } from "./server.ts";
import { measureSlowReaders } from "./slow-readers.ts";
import { type Target, temporaryFolder } from "./target.ts";

const options = { pairs: 2, window: 2, seconds: 1, warmUpSeconds: 0.2, scale: 0.01 };
const patience = { timeout: 180_000 };
const resources = new AsyncDisposableStack();
let server: Target;

beforeAll(async () => {
  const folder = resources.use(await temporaryFolder());
  server = resources.use(await startServer(folder.path));
}, patience.timeout);
afterAll(() => resources.disposeAsync());

function figureOf(figures: readonly Figure[] = [], what: string): number {
  return figures.find((figure) => figure.what === what)!.value;
}

test("devices that stop reading are all closed, by the server's own count", patience, async () => {
  const { figures } = await measureSlowReaders(server, options);
  expect(figureOf(figures, "slow readers: stopped reading")).toBe(20);
  expect(figureOf(figures, "slow readers: closed while they read")).toBe(0);
  expect(figureOf(figures, "slow readers: closed by the rule")).toBe(20);
});

test(
  "an overload counts an answer to every attempt, and what is stored in the log and at the recipients",
  patience,
  async () => {
    const { figures } = await measureOverload(server, options);
    expect(figureOf(figures, "overload: attempts without an answer")).toBe(0);
    expect(figureOf(figures, "overload: accepted")).toBeGreaterThan(0);
    for (const place of ["in the log", "at the recipient"]) {
      expect(figureOf(figures, `overload: told stored, and not ${place}, or the reverse`)).toBe(0);
    }
  },
);

test("the noisy one and the others are measured apart", patience, async () => {
  const { loads = {} } = await measureNoisy(server, options);
  expect(Object.keys(loads)).toEqual([
    "noisy, the others before",
    "noisy, the others meanwhile",
    "noisy, the one",
  ]);
  for (const run of Object.values(loads)) expect(run).toMatchObject({ lost: 0, repeated: 0 });
});

test("growth has a figure for every size", patience, async () => {
  const figures = [
    ...(await measureRows(server, options)),
    ...(await measurePresence(server, { scale: 0.001 }, 0.5)),
  ];
  for (const people of ["100", "1,000", "10,000"]) {
    expect(figureOf(figures, `growth: ${people} people online, of them there`)).toBe(10);
  }
  for (const size of [1, 10, 100]) {
    expect(figureOf(figures, `growth: ${size} times the rows, stored`)).toBeGreaterThan(0);
  }
});
