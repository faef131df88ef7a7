import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { virtualHost } from "@gochat/broker/definitions";
import type { StackState } from "@gochat/stack/state";

const execute = promisify(execFile);
const program = "/usr/lib/rabbitmq/bin/rabbitmqctl";
const timeoutMs = 60_000;

/** What it prints. It finds a private node by the environment of that node alone. */
export async function rabbitmqctl({ rabbitmq }: StackState, ...parameters: string[]): Promise<string> {
  const text = readFileSync(`/proc/${rabbitmq.pid}/environ`, "utf8");
  const pairs = text.split("\0").filter((pair) => pair.includes("="));
  const env = Object.fromEntries(
    pairs.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]),
  );
  const { stdout } = await execute(program, parameters, { env, timeout: timeoutMs });
  return stdout;
}

/** Queue → messages that wait in it or that a consumer has and did not acknowledge, which a channel can't be asked. */
export async function readQueueDepths(state: StackState): Promise<Record<string, number>> {
  const columns = ["--vhost", virtualHost, "--quiet", "--no-table-headers", "name", "messages"];
  const lines = (await rabbitmqctl(state, "list_queues", ...columns)).trim().split("\n");
  return Object.fromEntries(
    lines.map((line): [string, number] => {
      const [name = "", messages] = line.split("\t");
      if (!/^\d+$/.test(messages ?? "")) throw new Error(`rabbitmqctl said of a queue: ${line}`);
      return [name, Number(messages)];
    }),
  );
}
