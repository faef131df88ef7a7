import { spawnSync } from "node:child_process";
import { findProgram } from "@gochat/engines/debian";
import { addressOf } from "../armed/addresses.ts";
import type { Node } from "../system/stack.ts";

const table = "inet gochat";
const chain = `${table} between`;
const slowClass = "1:10";

/** Set where this program runs in a network namespace of its own, whose loopback it may spoil. */
export const namespaceVariable = "CHAOS_NAMESPACE";

/** Starts this program again in a network namespace of its own. Answers its exit code. */
export function enterNamespace(): number {
  nft();
  const script = `ip link set lo up && exec "$@"`;
  const { status, signal } = spawnSync(
    "unshare",
    ["--net", "--", "sh", "-c", script, "sh", process.execPath, ...process.argv.slice(1)],
    { stdio: "inherit", env: { ...process.env, [namespaceVariable]: "1" } },
  );
  if (signal) console.error(`The run was ended by ${signal}.`);
  return status ?? 1;
}

/** Nothing passes any more between a process and the port of an engine, or between anybody and a port. */
export function partition(port: number, node?: Node): void {
  const [from, to] = node
    ? [`ip saddr ${addressOf(node.port)}`, `ip daddr ${addressOf(node.port)}`]
    : ["", ""];
  setUp();
  run(nft(), "add", "rule", ...chain.split(" "), ...words(from), "tcp", "dport", String(port), "drop");
  run(nft(), "add", "rule", ...chain.split(" "), ...words(to), "tcp", "sport", String(port), "drop");
}

/** What goes to and from this port shares 64 kbit/s. */
export function slowDown(port: number): void {
  setUp();
  run("tc", ..."qdisc replace dev lo root handle 1: htb default 1".split(" "));
  run("tc", ..."class replace dev lo parent 1: classid 1:1 htb rate 10gbit quantum 60000".split(" "));
  run("tc", ...`class replace dev lo parent 1: classid ${slowClass} htb rate 64kbit quantum 1600`.split(" "));
  for (const side of ["dport", "sport"]) {
    const rule = ["tcp", side, String(port), "meta", "priority", "set", slowClass];
    run(nft(), "add", "rule", ...chain.split(" "), ...rule);
  }
}

export function heal(): void {
  run(nft(), "flush", "table", ...table.split(" "));
  spawnSync("tc", ["qdisc", "del", "dev", "lo", "root"]);
}

function setUp(): void {
  if (!process.env[namespaceVariable]) throw new Error("The network of the machine itself is left alone.");
  run(nft(), "add", "table", ...table.split(" "));
  run(nft(), "add", "chain", ...chain.split(" "), "{ type filter hook output priority 0; }");
}

function nft(): string {
  return findProgram({
    name: "nftables",
    debianPackages: ["nftables"],
    paths: ["/usr/sbin/nft"],
    variable: "NFT_PATH",
  });
}

function words(text: string): string[] {
  return text === "" ? [] : text.split(" ");
}

function run(program: string, ...parameters: string[]): void {
  const { status, stderr } = spawnSync(program, parameters, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${program} ${parameters.join(" ")}: ${stderr}`);
}
