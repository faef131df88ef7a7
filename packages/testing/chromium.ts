import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium } from "playwright-core";

const places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const flags = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const installTimeoutMs = 300_000;

/** The path of Chromium; installed first where this is Debian and root. Throws a sentence on how to get it. */
export function findChromium(): string {
  const found = () => process.env.CHROMIUM_PATH ?? places.find(existsSync);
  const path = found();
  if (path) return path;
  const isDebianRoot = process.getuid?.() === 0 && existsSync("/usr/bin/apt-get");
  if (isDebianRoot) {
    for (const parameters of [["update"], ["install", "-y", "--no-install-recommends", "chromium"]]) {
      spawnSync("apt-get", parameters, { stdio: "inherit", timeout: installTimeoutMs });
    }
  }
  const installed = found();
  if (installed) return installed;
  throw new Error(
    "The browser tests need Chromium: install it (Debian: apt-get install chromium) or set CHROMIUM_PATH to its path.",
  );
}

/** A browser of its own for each context: what one person has on one device. */
export interface Device extends AsyncDisposable {
  readonly context: BrowserContext;
}

export interface DeviceOptions {
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: "light" | "dark";
  /** A host name that leads to this machine: a browser trusts it less than localhost, as in a network at home. */
  readonly hostName?: string;
}

/** Starts Chromium with an empty profile. */
export async function openDevice({
  width = 1280,
  height = 800,
  colorScheme = "light",
  hostName,
}: DeviceOptions = {}): Promise<Device> {
  const profile = await mkdtemp(join(tmpdir(), "gochat-browser-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: findChromium(),
    args: hostName ? [...flags, `--host-resolver-rules=MAP ${hostName} 127.0.0.1`] : flags,
    viewport: { width, height },
    colorScheme,
    reducedMotion: "reduce",
  });
  return {
    context,
    async [Symbol.asyncDispose]() {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}
