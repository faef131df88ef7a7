import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

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

const installTimeoutMs = 300_000;

/** The path of a program; installed first where this is Debian and root. Throws a sentence on how to get it. */
export function findProgram(program: ProgramPlaces): string {
  const { name, debianPackages, paths, variable } = program;
  const found = () => process.env[variable] ?? paths.find(existsSync);
  const path = found();
  if (path) return path;
  if (process.getuid?.() === 0 && existsSync("/usr/bin/apt-get")) installPackages(debianPackages);
  const installed = found();
  if (installed) return installed;
  throw new Error(
    `${name} is missing: install it (Debian: apt-get install ${debianPackages.join(" ")}) ` +
      `or set ${variable} to its path.`,
  );
}

/** Without starting what the packages bring as services: GoChat starts private ones. */
function installPackages(packages: readonly string[]): void {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };
  for (const parameters of [["update"], ["install", "-y", "--no-install-recommends", ...packages]]) {
    spawnSync("apt-get", parameters, { stdio: "inherit", timeout: installTimeoutMs, env });
  }
}
