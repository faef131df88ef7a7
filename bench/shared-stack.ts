import type { Subject } from "./load/loads.ts";
import { type StackTarget, startStack } from "./stack-process.ts";
import { temporaryFolder } from "./target.ts";

/** One stack for the scenarios of a run that need one and follow each other: its start takes as long as they do. */
export class SharedStack implements AsyncDisposable {
  #stack: StackTarget | undefined;
  #resources = new AsyncDisposableStack();
  /** While it runs and the loads have been driven against it: for whoever drives it once more. */
  driven: Subject | undefined;

  /** The one that runs, or a new one from an empty folder. */
  async get(): Promise<StackTarget> {
    if (this.#stack) return this.#stack;
    const folder = this.#resources.use(await temporaryFolder());
    this.#stack = this.#resources.use(await startStack(folder.path));
    return this.#stack;
  }

  /** Whoever asks next gets a new one. */
  async [Symbol.asyncDispose](): Promise<void> {
    const resources = this.#resources;
    this.#resources = new AsyncDisposableStack();
    this.#stack = undefined;
    this.driven = undefined;
    await resources.disposeAsync();
  }
}
