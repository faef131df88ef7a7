import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findChromium } from "@gochat/engines/chromium";
import { type BrowserContext, chromium } from "playwright-core";

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
/** A browser of its own for each context: what one person has on one device. */
export interface Device extends AsyncDisposable {
  readonly context: BrowserContext;
}

export interface DeviceOptions {
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: "light" | "dark";
  /** A finger in place of a mouse. */
  readonly touch?: boolean;
  /** A host name that leads to this machine: a browser trusts it less than localhost, as in a network at home. */
  readonly hostName?: string;
}

/** Starts Chromium with an empty profile. */
export async function openDevice({
  width = 1280,
  height = 800,
  colorScheme = "light",
  touch = false,
  hostName,
}: DeviceOptions = {}): Promise<Device> {
  const profile = await mkdtemp(join(tmpdir(), "gochat-browser-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: findChromium(),
    args: hostName ? [...flags, `--host-resolver-rules=MAP ${hostName} 127.0.0.1`] : flags,
    viewport: { width, height },
    colorScheme,
    hasTouch: touch,
    isMobile: touch,
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
