import { setTimeout as sleep } from "node:timers/promises";

const lookEveryMs = 50;

/** What it answers in the end, however often it fails until then. */
export async function insist<Result>(withinMs: number, ask: () => Promise<Result>): Promise<Result> {
  const end = performance.now() + withinMs;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (performance.now() > end) throw error;
      await sleep(lookEveryMs);
    }
  }
}

export async function until(what: string, withinMs: number, isSo: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + withinMs;
  while (performance.now() < end) {
    if (await isSo().catch(() => false)) return;
    await sleep(lookEveryMs);
  }
  throw new Error(`Not in ${withinMs / 1000} s: ${what}.`);
}

export async function isReady(port: number): Promise<boolean> {
  const answer = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(3_000) });
  await answer.body?.cancel();
  return answer.ok;
}

export async function isReachable(url: string): Promise<boolean> {
  const answer = await fetch(new URL("/api/users", url), { signal: AbortSignal.timeout(3_000) });
  await answer.body?.cancel();
  return answer.ok;
}

export async function metricsOf(port: number): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`, { signal: AbortSignal.timeout(3_000) });
  return answer.text();
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
