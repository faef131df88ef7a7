import { spawnSync } from "node:child_process";
import { existsSync, linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { StartError } from "@gochat/database/start-error";
import { findProcess } from "./process-file.ts";

/** A program that GoChat drives and npm does not bring. */
export interface ProgramPlaces {
  /** As a person calls it: "Chromium". */
  readonly name: string;
  readonly debianPackages: readonly string[];
  /** Absolute paths, the first that exists is taken. */
  readonly paths: readonly string[];
  /** The environment variable that names its path instead. */
  readonly variable: string;
}

/** Where packages are installed, and whether this process may. */
export interface DebianMachine {
  readonly mayInstall: boolean;
  readonly aptGet: string;
  /** Asked by the packages before they start anything; policy-rc.d of invoke-rc.d(8). */
  readonly policy: string;
  /** There while a process installs, with its id in it. */
  readonly lock: string;
}

const thisMachine: DebianMachine = {
  mayInstall: process.getuid?.() === 0,
  aptGet: "/usr/bin/apt-get",
  policy: "/usr/sbin/policy-rc.d",
  lock: "/var/lib/dpkg/gochat-installs",
};
const installTimeoutMs = 300_000;
const lookEveryMs = 200;

/** The path of a program; installed first where this is Debian and root. Throws a sentence on how to get it. */
export function findProgram(program: ProgramPlaces, machine = thisMachine): string {
  const { name, debianPackages, paths, variable } = program;
  const found = () => process.env[variable] ?? paths.find(existsSync);
  const path = found();
  if (path) return path;
  if (machine.mayInstall && existsSync(machine.aptGet)) {
    using _ = takeTurn(machine.lock);
    // Another process may have installed it meanwhile.
    if (!found()) installPackages(debianPackages, machine);
  }
  const installed = found();
  if (installed) return installed;
  throw new StartError(
    `${name} is missing: install it (Debian: apt-get install ${debianPackages.join(" ")}) ` +
      `or set ${variable} to its path.`,
  );
}

/** One process at a time: apt-get refuses a second one, and the first would take the policy of both away. */
function takeTurn(lock: string): Disposable {
  const own = `${lock}.${process.pid}`;
  writeFileSync(own, String(process.pid));
  try {
    for (const until = Date.now() + installTimeoutMs; !link(own, lock) && Date.now() < until; ) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, lookEveryMs);
      if (!isHeld(lock)) rmSync(lock, { force: true });
    }
  } finally {
    rmSync(own);
  }
  return { [Symbol.dispose]: () => rmSync(lock, { force: true }) };
}

function link(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Whether the process that holds it is alive: one that was killed leaves it. */
function isHeld(lock: string): boolean {
  try {
    return findProcess(Number(readFileSync(lock, "utf8"))) !== undefined;
  } catch {
    return false;
  }
}

/** Without starting what the packages bring as services: GoChat starts private ones. */
function installPackages(packages: readonly string[], { aptGet, policy }: DebianMachine): void {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  using _ = forbidServices(policy);
  for (const parameters of [["update"], ["install", "-y", "--no-install-recommends", ...packages]]) {
    spawnSync(aptGet, parameters, { stdio: "inherit", timeout: installTimeoutMs, env });
  }
}

/** A policy that is there already is somebody's decision. Ours ends with this process, however it ends. */
function forbidServices(policy: string): Disposable {
  const script = `#!/bin/sh
# Process ${process.pid} of GoChat installs programs, and their packages shall start no services.
kill -0 ${process.pid} 2>/dev/null && exit 101
rm -f "$0"
`;
  if (existsSync(policy)) return { [Symbol.dispose]() {} };
  writeFileSync(policy, script, { mode: 0o755 });
  return { [Symbol.dispose]: () => rmSync(policy, { force: true }) };
}
