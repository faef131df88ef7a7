import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freePort } from "@gochat/engines/free-port";
import { postgresOf } from "../../../server/test/processes.ts";
import type { ArmOptions } from "../armed/arm.ts";
import type { Order } from "../armed/control.ts";
import { connectTo } from "./database.ts";
import { poisonEvent } from "./poison.ts";
import type { BusReport, System } from "./system.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const armModule = new URL("../armed/arm.ts", import.meta.url).href;
const readyTimeoutMs = 180_000;
const stopTimeoutMs = 20_000;
const orderTimeoutMs = 5_000;

/** GoChat in one process, and how it can be struck. */
export interface Embedded extends System {
  readonly mode: "embedded";
  pid(): number;
  /** kill -9, and a new start. */
  kill(): Promise<void>;
  /** Stops in order and starts again. */
  restart(clockOffsetMs?: number): Promise<void>;
  setUnreliable(isOn: boolean): Promise<void>;
  /** Of the main process of PostgreSQL. */
  postgresPid(): Promise<number>;
}

/** The longest wait for a process to come by the failpoint that ends it. */
const crashWithinMs = 60_000;

/** GoChat in one process with everything embedded, armed, on a port of its own and data in a temporary folder. */
export async function startEmbedded(options: ArmOptions): Promise<Embedded> {
  const dataFolder = await mkdtemp(join(tmpdir(), "gochat-chaos-"));
  const port = await freePort();
  const url = `http://localhost:${port}`;
  let arming = options;
  let child: ChildProcess;
  let orders = 0;

  async function start(): Promise<void> {
    child = spawn(process.execPath, ["--import", armModule, "server/src/main.ts"], {
      cwd: root,
      env: {
        PATH: process.env.PATH,
        // It is started many times.
        NODE_COMPILE_CACHE: join(root, "node_modules/.cache/compiled"),
        PORT: String(port),
        GOCHAT_DATA: dataFolder,
        // Devices come through a network of their own.
        PUBLIC_URL: url,
        RATE_LIMITS: "off",
        LOG_LEVEL: process.env.LOG_LEVEL ?? "silent",
        CHAOS: JSON.stringify(arming),
      },
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    child.on("error", () => {});
    await untilReady(child, url);
  }

  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (hasEnded()) return;
    const ended = once(child, "exit");
    child.kill(signal);
    const force = setTimeout(() => child.kill("SIGKILL"), stopTimeoutMs);
    await ended;
    clearTimeout(force);
  }

  const order = (given: Order) => giveOrder(child, given, ++orders);
  const report = async () => (await order({ order: "report" })) ?? { depths: {}, deadLetters: [] };

  await start();
  return {
    mode: "embedded",
    url,
    pid: () => child.pid!,
    async kill() {
      await end("SIGKILL");
      await start();
    },
    async crashAt(failpoint, hits) {
      await order({ order: "crash", failpoint, hits });
      const ended = once(child, "exit").then(() => true);
      const hasDied = hasEnded() || (await Promise.race([ended, sleep(crashWithinMs, false)]));
      if (!hasDied) throw new Error(`The process did not come by ${failpoint}.`);
      await start();
    },
    async setUnreliable(isOn) {
      await order({ order: "unreliable", isOn });
    },
    report,
    deadLetters: async () => (await report()).deadLetters,
    async poison(id) {
      await order({ order: "poison", ...poisonEvent(id) });
    },
    async restart(clockOffsetMs = options.clockOffsetMs ?? 0) {
      arming = { ...options, clockOffsetMs };
      await end("SIGTERM");
      await start();
    },
    async connectDatabase() {
      const folder = join(dataFolder, "postgres");
      const password = await readFile(join(folder, "gochat.password"), "utf8");
      return connectTo({ host: folder, user: "gochat", database: "postgres", password });
    },
    async postgresPid() {
      const [pid] = await postgresOf(join(dataFolder, "postgres"));
      if (pid === undefined) throw new Error("The embedded PostgreSQL does not run.");
      return pid;
    },
    async [Symbol.asyncDispose]() {
      await end("SIGTERM");
      for (const pid of await postgresOf(join(dataFolder, "postgres"))) process.kill(pid, "SIGQUIT");
      await rm(dataFolder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    },
  };
}

async function untilReady(child: ChildProcess, url: string): Promise<void> {
  const deadline = performance.now() + readyTimeoutMs;
  while (performance.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`GoChat ended with ${child.exitCode ?? child.signalCode} before it was ready.`);
    }
    const signal = AbortSignal.timeout(2_000);
    const answer = await fetch(new URL("/readyz", url), { signal }).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer?.ok) return;
    await sleep(25);
  }
  throw new Error("GoChat was not ready within 3 minutes.");
}

function giveOrder(child: ChildProcess, order: Order, number: number): Promise<BusReport | undefined> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => finish(() => reject(new Error("An order was not answered."))),
      orderTimeoutMs,
    );
    const listen = (message: { number: number; answer: BusReport | { error: string } | null }) => {
      if (message.number !== number) return;
      const { answer } = message;
      finish(() => {
        if (answer && "error" in answer) reject(new Error(answer.error));
        else resolve(answer ?? undefined);
      });
    };
    function finish(done: () => void): void {
      clearTimeout(timer);
      child.off("message", listen);
      done();
    }
    child.on("message", listen);
    child.send({ ...order, number }, (error) => error && finish(() => reject(error)));
  });
}
