import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StartError } from "@gochat/database/start-error";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type DebianMachine, findProgram } from "./debian.ts";

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gochat-debian-"));
  path = join(folder, "program");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const places = () => ({
  name: "The program",
  debianPackages: ["program", "program-data"],
  paths: [join(folder, "elsewhere"), path],
  variable: "PROGRAM_OF_THIS_TEST_PATH",
});

/** An apt-get that writes down how it was called, and does what the script says. */
function machine(script = "", more: Partial<DebianMachine> = {}): DebianMachine {
  const aptGet = join(folder, "apt-get");
  const calls = join(folder, "calls");
  writeFileSync(aptGet, `#!/bin/sh\necho "$DEBIAN_FRONTEND: $*" >>${calls}\n${script}\n`, { mode: 0o755 });
  return {
    mayInstall: true,
    aptGet,
    policy: join(folder, "policy-rc.d"),
    lock: join(folder, "lock"),
    ...more,
  };
}
const calls = () => readFileSync(join(folder, "calls"), "utf8");

const missing =
  "The program is missing: install it (Debian: apt-get install program program-data) " +
  "or set PROGRAM_OF_THIS_TEST_PATH to its path.";

describe("a program", () => {
  test("that is there is not installed", () => {
    writeFileSync(path, "");
    expect(findProgram(places(), machine())).toBe(path);
    expect(existsSync(join(folder, "calls"))).toBe(false);
  });

  test("is taken from the variable first", () => {
    process.env.PROGRAM_OF_THIS_TEST_PATH = "/opt/program";
    try {
      expect(findProgram(places(), machine())).toBe("/opt/program");
    } finally {
      delete process.env.PROGRAM_OF_THIS_TEST_PATH;
    }
  });

  test("that is missing is installed where that may be", () => {
    expect(findProgram(places(), machine(`[ "$1" = install ] && echo >${path}`))).toBe(path);
    expect(calls()).toBe(
      "noninteractive: update\nnoninteractive: install -y --no-install-recommends program program-data\n",
    );
  });

  test("is not installed while another process installs, nor again if that brought it", async () => {
    const other = spawn("/bin/sh", ["-c", `sleep 1; echo >${path}; rm ${join(folder, "lock")}; sleep 5`]);
    writeFileSync(join(folder, "lock"), String(other.pid));
    expect(findProgram(places(), machine())).toBe(path);
    expect(existsSync(join(folder, "calls"))).toBe(false);
    other.kill();
  });

  test("is installed where the process that was at it was killed", () => {
    writeFileSync(join(folder, "lock"), String(spawnSync("/bin/true").pid));
    expect(findProgram(places(), machine(`[ "$1" = install ] && echo >${path}`))).toBe(path);
    expect(existsSync(join(folder, "lock"))).toBe(false);
  });

  test.each<[string, () => DebianMachine]>([
    ["where this process may not", () => machine("", { mayInstall: false })],
    ["where this is no Debian", () => machine("", { aptGet: join(folder, "none") })],
    ["where installing did not help", () => machine("exit 100")],
  ])("that is missing is asked for in a sentence %s", (_, of) => {
    expect(() => findProgram(places(), of())).toThrow(StartError);
    expect(() => findProgram(places(), of())).toThrow(missing);
  });
});

describe("the services of a package", () => {
  const askPolicy = () =>
    `"${join(folder, "policy-rc.d")}" program.service start; echo "policy $?" >>${folder}/said`;
  const said = () => readFileSync(join(folder, "said"), "utf8");

  test("are not started while it is installed, and may be afterwards", () => {
    expect(() => findProgram(places(), machine(askPolicy()))).toThrow(missing);
    expect(said()).toBe("policy 101\npolicy 101\n");
    expect(existsSync(join(folder, "policy-rc.d"))).toBe(false);
  });

  test("are what the machine's own policy says", () => {
    const policy = join(folder, "policy-rc.d");
    writeFileSync(policy, "#!/bin/sh\nexit 104\n", { mode: 0o755 });
    expect(() => findProgram(places(), machine(askPolicy()))).toThrow(missing);
    expect(said()).toBe("policy 104\npolicy 104\n");
    expect(existsSync(policy)).toBe(true);
  });

  test("may be started again after an installation that was killed", () => {
    const policy = join(folder, "policy-rc.d");
    const kept = join(folder, "kept");
    expect(() => findProgram(places(), machine(`cp ${policy} ${kept}`))).toThrow(missing);
    const gone = spawnSync("/bin/true").pid;
    const script = readFileSync(kept, "utf8").replaceAll(String(process.pid), String(gone));
    writeFileSync(policy, script, { mode: 0o755 });
    expect(spawnSync(policy, ["program.service", "start"]).status).toBe(0);
    expect(existsSync(policy)).toBe(false);
  });
});
