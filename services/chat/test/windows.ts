import { limits } from "@gochat/contracts/limits";
import type { NodeLoad } from "../src/node-load.ts";
import type { SendWindow } from "../src/send-window.ts";

export const load = (more: Partial<NodeLoad> = {}): NodeLoad => ({
  unacknowledged: 0,
  isFull: () => false,
  buckets: undefined,
  random: () => 0.5,
  ...more,
});
export const names = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => `m${from + index}`);
/** Sends as many messages as a window takes, and answers their refusals. */
export const fill = (window: SendWindow) =>
  names(limits.maxUnacknowledged).map((id) => window.admit(id, "ab", "ana", 0)?.code);
