import { setTimeout as sleep } from "node:timers/promises";
import type { Seat } from "./load/plan.ts";

export interface SignedUp {
  readonly seats: readonly Seat[];
  readonly signUpsPerSecond: number;
}

/** Signs people up over HTTP, a few at a time. */
export async function signUpPeople(url: string, count: number, concurrency = 4): Promise<SignedUp> {
  const seats: Seat[] = [];
  const began = performance.now();
  let next = 0;
  async function work(): Promise<void> {
    while (next < count) {
      next += 1;
      seats.push(await signUp(url, `person${next}`));
    }
  }
  await Promise.all(Array.from({ length: concurrency }, work));
  return { seats, signUpsPerSecond: count / ((performance.now() - began) / 1_000) };
}

async function signUp(url: string, username: string): Promise<Seat> {
  const body = JSON.stringify({ email: `${username}@example.org`, username, password: "bench-7319-people" });
  for (let attempt = 1; attempt <= 20; attempt++) {
    const answer = await fetch(`${url}/api/auth/signup`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
      signal: AbortSignal.timeout(30_000),
    });
    if (answer.status === 201) return seatOf(url, answer);
    await answer.body?.cancel();
    if (answer.status !== 503) throw new Error(`Sign-up answered ${answer.status}.`);
    // Auth hashes two passwords at once and keeps a short queue.
    await sleep(Number(answer.headers.get("retry-after") ?? 1) * 1_000 * (0.5 + Math.random()));
  }
  throw new Error("Sign-up stayed busy.");
}

async function seatOf(url: string, answer: Response): Promise<Seat> {
  const { user } = (await answer.json()) as { user: { id: string } };
  const cookie = answer.headers
    .getSetCookie()
    .map((line) => line.split(";")[0])
    .join("; ");
  return {
    userId: user.id,
    url: `${url.replace("http", "ws")}/ws/chat`,
    headers: { cookie, origin: url },
  };
}
