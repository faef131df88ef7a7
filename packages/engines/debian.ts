import { spawnSync } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { StartError } from "@gochat/database/start-error";

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
}

const thisMachine: DebianMachine = {
  mayInstall: process.getuid?.() === 0,
  aptGet: "/usr/bin/apt-get",
  policy: "/usr/sbin/policy-rc.d",
};
const installTimeoutMs = 300_000;

/** The path of a program; installed first where this is Debian and root. Throws a sentence on how to get it. */
export function findProgram(program: ProgramPlaces, machine = thisMachine): string {
  const { name, debianPackages, paths, variable } = program;
  const found = () => process.env[variable] ?? paths.find(existsSync);
  const path = found();
  if (path) return path;
  if (machine.mayInstall && existsSync(machine.aptGet)) installPackages(debianPackages, machine);
  const installed = found();
  if (installed) return installed;
  throw new StartError(
    `${name} is missing: install it (Debian: apt-get install ${debianPackages.join(" ")}) ` +
      `or set ${variable} to its path.`,
  );
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
