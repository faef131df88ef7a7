import type { Crowd } from "./crowd.ts";
import type { Online } from "./online.ts";

/** Longer than anybody who left may be shown as online. */
const shortestAwayMs = 50_000;
const longestMoreMs = 10_000;
const leavesEveryMs = 12_000;
/** Of the people: those whom only absences concern. */
const seldomThere = 5;
const lostAtOnce = 3;

/** People whose last notification socket stays away for long, so that somebody may be shown online falsely. */
export interface Absences {
  /** Some will not come back for long if what strikes next ends their connection. */
  beforeFault(): void;
  afterFault(): void;
  /** Resolves once everybody who is away was away for long. */
  over(): Promise<void>;
  stop(): void;
}

/** The others, who come and go quickly. */
export function oftenThere({ online }: Crowd): readonly Online[] {
  return online.slice(seldomThere);
}

export function startAbsences({ online, random }: Crowd): Absences {
  const there = new Set(online.slice(0, seldomThere));
  const away = new Map<Online, { timer: NodeJS.Timeout; isOver: Promise<void> }>();
  let maybeLost: readonly Online[] = [];

  function stayAway(one: Online): void {
    there.delete(one);
    const { promise, resolve } = Promise.withResolvers<void>();
    const back = () => {
      away.delete(one);
      there.add(one);
      one.socket.start();
      resolve();
    };
    const timer = setTimeout(back, shortestAwayMs + random.next() * longestMoreMs);
    away.set(one, { timer, isOver: promise });
  }

  function leave(): void {
    const [one] = random.shuffle([...there]).filter((candidate) => !maybeLost.includes(candidate));
    if (!one) return;
    one.socket.stop();
    stayAway(one);
  }

  const leaving = setInterval(leave, leavesEveryMs);
  return {
    beforeFault() {
      maybeLost = random
        .shuffle([...there])
        .filter(({ socket }) => socket.isOpen)
        .slice(0, lostAtOnce);
      for (const { socket } of maybeLost) socket.stayAwayOnceLost();
    },
    afterFault() {
      for (const one of maybeLost) {
        if (one.socket.isOpen) one.socket.start();
        else stayAway(one);
      }
      maybeLost = [];
    },
    async over() {
      clearInterval(leaving);
      await Promise.all([...away.values()].map(({ isOver }) => isOver));
    },
    stop() {
      clearInterval(leaving);
      for (const { timer } of away.values()) clearTimeout(timer);
    },
  };
}
