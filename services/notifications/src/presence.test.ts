import { describe, expect, test } from "vitest";
import { Departures } from "./departures.ts";
import { presenceChanges, presenceTimes } from "./presence.ts";

const times = presenceTimes();
const now = 1_700_000_000_000;

describe("what there is to announce", () => {
  const unknown = () => undefined;

  test("nothing where what was announced is what is", () => {
    const announced = [
      { userId: "ana", online: true, changedAt: now - 5 },
      { userId: "bob", online: false, changedAt: now - 5 },
    ];
    expect(presenceChanges(announced, new Set(["ana"]), unknown, now)).toEqual([]);
  });

  test("who came is online from now on", () => {
    const announced = [{ userId: "ana", online: false, changedAt: now - 500 }];
    expect(presenceChanges(announced, new Set(["ana"]), unknown, now)).toEqual([
      { userId: "ana", online: true, changedAt: now },
    ]);
  });

  test("who left was last seen when the connection closed, and not before coming", () => {
    const announced = [{ userId: "ana", online: true, changedAt: now - 500 }];
    const seen = (at: number | undefined) =>
      presenceChanges(announced, new Set(), () => at, now).map(({ changedAt }) => changedAt);
    expect(seen(now - 100)).toEqual([now - 100]);
    expect(seen(now - 900)).toEqual([now - 500]);
    expect(seen(now + 100)).toEqual([now]);
    expect(seen(undefined)).toEqual([now]);
  });
});

describe("departures", () => {
  test("a closed connection is settled after the debounce, a signed-out one at once", () => {
    const departures = new Departures(times);
    departures.left(["ana"], now);
    departures.signedOut(["bob"], now);
    expect(departures.due(now)).toEqual(["bob"]);
    expect(departures.due(now + times.debounce)).toEqual(["ana", "bob"]);
    expect(departures.lastSeenAt("ana")).toBe(now);
  });

  test("an expired lease is settled at once, last seen one expiry ago", () => {
    const departures = new Departures(times);
    departures.expired(["ana"], now);
    expect(departures.due(now)).toEqual(["ana"]);
    expect(departures.lastSeenAt("ana")).toBe(now - times.expiry);
  });

  test("who is missed without a reason gets longer than a heartbeat, counted from the first time", () => {
    const departures = new Departures(times);
    departures.missed(["ana"], now, now - 3_600_000);
    departures.missed(["ana"], now + times.heartbeat);
    expect(departures.due(now + times.heartbeat)).toEqual([]);
    expect(departures.due(now + times.grace)).toEqual(["ana"]);
    expect(departures.lastSeenAt("ana")).toBe(now - 3_600_000);
  });

  test("trouble with the cache postpones everything", () => {
    const departures = new Departures(times);
    departures.left(["ana"], now);
    departures.cacheFailed(now + 1000);
    departures.expired(["bob"], now + 2000);
    expect(departures.due(now + times.debounce)).toEqual([]);
    expect(departures.due(now + 1000 + times.grace)).toEqual(["ana"]);
    expect(departures.due(now + 2000 + times.grace)).toEqual(["ana", "bob"]);
  });

  test("what was settled is forgotten, but not what was noticed meanwhile", () => {
    const departures = new Departures(times);
    departures.signedOut(["ana", "bob"], now);
    departures.left(["bob"], now + 1);
    departures.settled(["ana", "bob"], now + 1);
    expect(departures.due(now + 60_000)).toEqual(["bob"]);
  });
});
