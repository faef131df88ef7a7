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
}

export interface StartOptions {
  readonly settings?: Partial<Pick<Settings, "publicUrl" | "guestDirectory" | "rateLimits">>;
}

/** Starts one of its own for this test, in the mode of the test project: the test cannot see which. */
export function startGoChat({ settings = {} }: StartOptions = {}): Promise<GoChat> {
  return inject("mode") === "stack" ? startOnStack(settings) : startInProcess({ settings, web: true });
}
