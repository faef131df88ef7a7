import type { ProblemError } from "./http.ts";

/** What the server says of a field begins with a verb ("is reserved"); with the name before it, it is a sentence. */
export function fieldSentence(name: string, message: string): string {
  return sentence(`this ${name} ${message}`);
}

export function sentence(text: string): string {
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}

/** For RATE_LIMITED and BUSY. Nobody counts 879 seconds. */
export function waitSentence({ retryAfterMs = 5_000 }: Pick<ProblemError, "retryAfterMs">): string {
  const seconds = Math.ceil(retryAfterMs / 1000);
  const wait = seconds < 120 ? countOf(seconds, "second") : countOf(Math.ceil(seconds / 60), "minute");
  return `That was a bit much at once. Try again in ${wait}.`;
}

export function countOf(count: number, unit: string): string {
  return `${count} ${count === 1 ? unit : `${unit}s`}`;
}
