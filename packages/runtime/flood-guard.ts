/** Over 100 frames a second for three seconds on end is a flood. */
const framesPerSecond = 100;
const secondsOnEnd = 3;
const mistakesPerMinute = 10;

/** Counts the frames of a socket: whole seconds, one after the other, from the first frame after a calm. */
export class FloodGuard {
  #secondBegan = Number.NEGATIVE_INFINITY;
  #frames = 0;
  #floodedSeconds = 0;

  /** Counts one frame at this time (milliseconds). */
  isFlooding(now: number): boolean {
    const elapsed = now - this.#secondBegan;
    if (elapsed >= 1000) {
      const goesOn = elapsed < 2000 && this.#frames > framesPerSecond;
      this.#floodedSeconds = goesOn ? this.#floodedSeconds + 1 : 0;
      this.#secondBegan = goesOn ? this.#secondBegan + 1000 : now;
      this.#frames = 0;
    }
    this.#frames += 1;
    return this.#floodedSeconds >= secondsOnEnd;
  }
}

/** Ten bad frames in a minute, and the socket is closed. */
export class ErrorBudget {
  readonly #mistakes: number[] = [];

  /** Counts one mistake at this time (milliseconds). */
  isSpent(now: number): boolean {
    while (this.#mistakes.length > 0 && this.#mistakes[0]! < now - 60_000) this.#mistakes.shift();
    this.#mistakes.push(now);
    return this.#mistakes.length >= mistakesPerMinute;
  }
}
