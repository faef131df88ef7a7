import { describe, expect, it } from "vitest";
import { dayLabel, dayOf, isSameDay, timeAgo } from "./time.ts";

const now = new Date(2026, 5, 17, 12, 0).getTime();
const at = (...[year, month, date, hour]: [number, number, number, number]) =>
  new Date(year, month, date, hour).getTime();

describe("time", () => {
  it("names the day from where the reader is", () => {
    expect(dayLabel(at(2026, 5, 17, 0), now)).toBe("Today");
    expect(dayLabel(at(2026, 5, 16, 23), now)).toBe("Yesterday");
    expect(dayLabel(at(2026, 5, 12, 9), now)).toMatch(/fri/i);
    expect(dayLabel(at(2025, 5, 12, 9), now)).toContain("2025");
  });

  it("calls what a clock ahead of ours says today", () => {
    expect(dayLabel(at(2026, 5, 18, 0), now)).toBe("Today");
    expect(timeAgo(now + 5_000, now)).toBe("just now");
  });

  it("compares days, not spans of 24 hours", () => {
    expect(isSameDay(at(2026, 5, 16, 23), at(2026, 5, 17, 0))).toBe(false);
    expect(isSameDay(at(2026, 5, 17, 0), at(2026, 5, 17, 23))).toBe(true);
  });

  it("ends each day where the next one starts, also where the clock changes", () => {
    for (let time = at(2026, 0, 1, 12); time < at(2027, 0, 2, 0); time += 11 * 3_600_000) {
      const { start, end } = dayOf(time);
      expect(start).toBeLessThanOrEqual(time);
      expect(end).toBeGreaterThan(time);
      expect(dayOf(end).start).toBe(end);
      expect(isSameDay(start, end - 1)).toBe(true);
    }
  });

  it("rounds what has passed down", () => {
    expect(timeAgo(now - 59_000, now)).toBe("just now");
    expect(timeAgo(now - 119_000, now)).toContain("1");
  });
});
