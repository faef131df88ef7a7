import { createLogger } from "@gochat/runtime/logger";
import type { Settings } from "@gochat/runtime/settings";
import { inject } from "vitest";
import { startGoChat as startInProcess } from "./gochat.ts";
import type { Person } from "./people.ts";
import { startOnStack } from "./stack-gochat.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** How a whole GoChat runs: in the process of the test, or its services apart on real engines behind NGINX. */
    mode: "embedded" | "stack";
  }
}

/** A whole GoChat with its web client, empty, as people see it from outside. */
export interface GoChat extends AsyncDisposable {
  readonly url: string;
  /** Signs up over HTTP. A name that is taken gets a suffix. Resolves once every service knows the person. */
  signUp(name: string): Promise<Person>;
  guest(): Person;
  /** What was logged so far, by all processes. Asks for a `logLevel`. */
  logLines(): readonly LogLine[];
}

export type LogLine = Readonly<Record<string, unknown>> & { readonly msg: string };

export interface StartOptions {
  readonly settings?: Partial<
    Pick<Settings, "publicUrl" | "guestDirectory" | "rateLimits" | "tracesEndpoint" | "logLevel">
  >;
}

/** Starts one of its own for this test, in the mode of the test project: the test cannot see which. */
export function startGoChat({ settings = {} }: StartOptions = {}): Promise<GoChat> {
  return inject("mode") === "stack" ? startOnStack(settings) : startEmbedded(settings);
}

async function startEmbedded(settings: NonNullable<StartOptions["settings"]>): Promise<GoChat> {
  const lines: LogLine[] = [];
  const { logLevel } = settings;
  const logger = logLevel && createLogger(logLevel, (line) => lines.push(JSON.parse(line)));
  const gochat = await startInProcess({ settings, web: true, ...(logger && { logger }) });
  return Object.assign(gochat, { logLines: () => lines });
}
