import { setTimeout as sleep } from "node:timers/promises";
import type { Crowd } from "./crowd.ts";

/** Longer than the checker lets any fault keep people waiting. */
const longestMs = 30_000;
const lookEveryMs = 10;

/** Resolves as soon as somebody's message is acknowledged; or one of everybody who waits now and has not gone away. */
export async function untilAcknowledged({ devices }: Crowd, whose: "anybody" | "everybody"): Promise<void> {
  const count = () => devices.reduce((sum, { acknowledged }) => sum + acknowledged, 0);
  const before = count();
  const waiting = devices
    .filter(({ isWaiting }) => isWaiting)
    .map((device) => ({ device, acknowledged: device.acknowledged }));
  const isOver = () =>
    count() > before &&
    (whose === "anybody" ||
      waiting.every(
        ({ device, acknowledged }) =>
          device.acknowledged > acknowledged || !device.isWaiting || !device.socket.isWanted,
      ));
  const until = performance.now() + longestMs;
  while (!isOver() && performance.now() < until) await sleep(lookEveryMs);
}
