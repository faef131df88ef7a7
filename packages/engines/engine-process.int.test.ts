import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StartError } from "@gochat/database/start-error";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { startEngineProcess } from "./engine-process.ts";
import { findProcess } from "./process-file.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gochat-process-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const logOf = (name: string) => readFileSync(join(folder, name), "utf8");

/** A program that is ready once it has said something. */
function start(script: string, more: { signal?: AbortSignal; ping?: () => Promise<void> } = {}) {
  return startEngineProcess({
    name: "The program",
    command: ["/bin/sh", "-c", script],
    environment: {},
    folder,
    ping: async () => {
      if (logOf("engine.log") === "") throw new Error("It said nothing yet.");
    },
    readyTimeoutMs: 10_000,
    failsAtOnce: true,
    stop: { signal: "SIGTERM", patienceMs: 2_000 },
    ...more,
  });
}

test("its log begins anew at each start, goes on over a restart, and the one before is kept", async () => {
  for (const name of ["first", "second"]) {
    await using _ = await start(`echo ${name}; exec sleep 600`);
  }
  await using program = await start("echo third; exec sleep 600");
  await program.restart();
  await vi.waitFor(() => expect(logOf("engine.log")).toBe("third\nthird\n"), { timeout: 10_000 });
  expect(logOf("engine.last.log")).toBe("second\n");
});

test("one that does not start says in a sentence what it said last", async () => {
  const ping = () => Promise.reject(new Error("It does not answer."));
  const refused = start("echo 'no such option'; exit 3", { ping });
  await expect(refused).rejects.toThrow(StartError);
  await expect(refused).rejects.toThrow("The program did not start. It said last:\nno such option");
});

test("a start that is given up leaves nothing running, and ends it in order", async () => {
  const asking = new AbortController();
  let group = 0;
  const ping = async () => {
    if (!existsSync(join(folder, "engine.pid"))) throw new Error("It is not there yet.");
    group = Number.parseInt(logOf("engine.pid"), 10);
    if (logOf("engine.log") !== "") asking.abort();
    throw new Error("It does not answer.");
  };
  const script = "trap 'echo left; exit' TERM; echo here; while :; do sleep 0.05; done";
  await expect(start(script, { signal: asking.signal, ping })).rejects.toThrow(
    expect.objectContaining({ name: "AbortError" }),
  );
  expect(logOf("engine.log")).toBe("here\nleft\n");
  expect([findProcess(group), existsSync(join(folder, "engine.pid"))]).toEqual([undefined, false]);
});
