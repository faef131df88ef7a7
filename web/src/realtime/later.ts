/** Runs `work` once, `delayMs` after the first of any number of calls. */
export interface Later {
  soon(): void;
  cancel(): void;
}

export function createLater(delayMs: () => number, work: () => void): Later {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    soon() {
      timer ??= setTimeout(() => {
        timer = undefined;
        work();
      }, delayMs());
    },
    cancel() {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
