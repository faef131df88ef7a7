/**
 * Times in milliseconds since 1970, and as `toISOString` prints them. Whoever goes through a batch asks for the same
 * millisecond again and again, and to print or read it takes longer than most of what else happens to a message.
 */
let printed = { time: Number.NaN, text: "" };
let read = { time: Number.NaN, text: "" };

/** Throws a RangeError where it is no time. */
export function timeText(time: number): string {
  if (time !== printed.time) printed = { time, text: new Date(time).toISOString() };
  return printed.text;
}

/** NaN where the text is no time. */
export function timeOf(text: string): number {
  if (text !== read.text) read = { time: Date.parse(text), text };
  return read.time;
}
