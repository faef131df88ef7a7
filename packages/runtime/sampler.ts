import type { TraceKind } from "./tracing.ts";

const tracesPerSecond = 20;

/**
 * Keeps every trace while there are few, and so many a second once there are more: what tracing costs is bounded
 * without a setting, and no client can choose to be traced.
 */
export function createSampler(clock: () => number): (kind: TraceKind) => boolean {
  const kept: Record<TraceKind, { second: number; count: number }> = {
    request: { second: 0, count: 0 },
    message: { second: 0, count: 0 },
  };
  return (kind) => {
    const state = kept[kind];
    const second = Math.floor(clock() / 1000);
    if (second !== state.second) {
      state.second = second;
      state.count = 0;
    }
    if (state.count >= tracesPerSecond) return false;
    state.count += 1;
    return true;
  };
}
