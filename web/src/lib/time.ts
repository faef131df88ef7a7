const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

const clockFormat = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
const weekdayFormat = new Intl.DateTimeFormat(undefined, { weekday: "long" });
const dateFormat = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "long" });
const yearFormat = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "long", year: "numeric" });
const shortFormat = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const fullFormat = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "short" });
const agoFormat = new Intl.RelativeTimeFormat(undefined, { numeric: "auto", style: "long" });

/** Times are milliseconds since 1970 or RFC 3339; days are those of this device. */
type Time = number | string;

export const clock = (time: Time): string => clockFormat.format(new Date(time));
export const fullTime = (time: Time): string => fullFormat.format(new Date(time));

function startOfDay(time: Time): number {
  return new Date(time).setHours(0, 0, 0, 0);
}

export function isSameDay(a: Time, b: Time): boolean {
  return startOfDay(a) === startOfDay(b);
}

/** Milliseconds since 1970; the end is the start of the next one. */
export interface Day {
  readonly start: number;
  readonly end: number;
}

export function dayOf(time: Time): Day {
  return { start: startOfDay(time), end: new Date(time).setHours(24, 0, 0, 0) };
}

function daysAgo(time: Time, now: number): number {
  // Rounded, because a day with a change of the clock has 23 or 25 hours.
  return Math.round((startOfDay(now) - startOfDay(time)) / day);
}

/** The label of a day in a conversation: Today, Yesterday, Tuesday, 3 March, 3 March 2024. */
export function dayLabel(time: Time, now: number): string {
  const days = daysAgo(time, now);
  if (days <= 0) return "Today";
  if (days === 1) return "Yesterday";
  if (days < 7) return weekdayFormat.format(new Date(time));
  const isThisYear = new Date(time).getFullYear() === new Date(now).getFullYear();
  return (isThisYear ? dateFormat : yearFormat).format(new Date(time));
}

/** The time of a row in a list, short: the clock today, then the weekday, then the date. */
export function shortTime(time: Time, now: number): string {
  const days = daysAgo(time, now);
  if (days <= 0) return clock(time);
  if (days === 1) return "Yesterday";
  return days < 7 ? weekdayFormat.format(new Date(time)).slice(0, 3) : shortFormat.format(new Date(time));
}

/** "5 minutes ago", "yesterday"; within a minute "just now". */
export function timeAgo(time: Time, now: number): string {
  const passed = now - new Date(time).getTime();
  if (passed < minute) return "just now";
  if (passed < hour) return agoFormat.format(-Math.floor(passed / minute), "minute");
  if (passed < day) return agoFormat.format(-Math.floor(passed / hour), "hour");
  if (passed < 30 * day) return agoFormat.format(-Math.floor(passed / day), "day");
  return yearFormat.format(new Date(time));
}
