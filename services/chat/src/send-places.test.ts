import { limits } from "@gochat/contracts/limits";
import { describe, expect, test } from "vitest";
import { SendPlaces } from "./send-places.ts";

const sent = (places: SendPlaces, id: string, conversationId = "ab", now = 0) =>
  places.sent(places.get(id), id, conversationId, now);
const placeOf = (places: SendPlaces, id: string, now = 0, lastHeard = 0) =>
  places.of(id, "ab", { now, lastHeard });

describe("the places of a socket", () => {
  test("follow the first attempts, and the nearest unanswered one of the conversation is ahead", () => {
    const places = new SendPlaces({ unacknowledged: 0 });
    for (const id of ["a", "b", "c"]) sent(places, id);
    sent(places, "elsewhere", "ac");
    sent(places, "d");
    expect(placeOf(places, "d")).toEqual({ place: 5, after: 3 });
    places.settle("c");
    expect(placeOf(places, "d")).toEqual({ place: 5, after: 2 });
    places.settle("a");
    places.settle("b");
    expect(placeOf(places, "d")).toEqual({ place: 5 });
    expect(placeOf(places, "c")).toEqual({});
    expect(placeOf(places, "unknown")).toEqual({});
  });

  test("count what is under way, for the socket and for its node, each message once", () => {
    const load = { unacknowledged: 0 };
    const places = new SendPlaces(load);
    for (const id of ["a", "a", "b", "c"]) sent(places, id);
    expect([places.underWay, load.unacknowledged]).toEqual([3, 3]);
    places.postpone(places.get("a")!, 10);
    expect(places.underWay).toBe(3);
    places.postpone(places.get("a")!, 10);
    expect(places.underWay).toBe(2);
    places.settle("b");
    places.settle("b");
    places.settle("a");
    expect([places.underWay, load.unacknowledged]).toEqual([1, 1]);
    places.clear();
    expect([places.underWay, load.unacknowledged]).toEqual([0, 0]);
    expect(places.get("c")).toBeUndefined();
  });

  test("remember the last 32 answers, also of what was answered twice", () => {
    const places = new SendPlaces({ unacknowledged: 0 });
    const answered = (id: string) => {
      sent(places, id);
      places.settle(id);
    };
    answered("first");
    answered("again");
    for (let count = 1; count < limits.maxUnacknowledged - 1; count += 1) answered(`m${count}`);
    expect(places.get("first")).toBeDefined();
    answered("again");
    answered("last");
    expect(places.get("first")).toBeUndefined();
    sent(places, "again");
    expect(placeOf(places, "again")).toEqual({});
    for (let count = 0; count < limits.maxUnacknowledged; count += 1) answered(`n${count}`);
    expect(places.get("again")).toBeDefined();
    expect(places.get("last")).toBeUndefined();
    expect(places.underWay).toBe(1);
  });

  test("are given up nearest first, when what stands behind is sent", () => {
    const places = new SendPlaces({ unacknowledged: 0 });
    for (const id of ["a", "b", "c"]) sent(places, id);
    places.postpone(places.get("b")!, 0);
    places.keep(places.get("b"), "b", "ab", 0).refusal = 1;
    expect(placeOf(places, "c", 10, 0)).toEqual({ place: 3, after: 2 });
    expect(placeOf(places, "c", 10, 1)).toEqual({ place: 3, after: 1 });
    expect(places.get("b")).toBeUndefined();
    expect(placeOf(places, "c", 30_000, 1)).toEqual({ place: 3 });
  });

  test("say what nothing under way stands ahead of, but for repetitions and what is 30 s old", () => {
    const places = new SendPlaces({ unacknowledged: 0 });
    sent(places, "repeated");
    places.settle("repeated");
    sent(places, "repeated");
    sent(places, "old");
    const next = places.keep(undefined, "next", "ab", 0);
    expect(places.isFirst(next, 29_999)).toBe(false);
    expect(places.isFirst(next, 30_000)).toBe(true);
    places.postpone(places.get("old")!, 0);
    expect(places.isFirst(next, 1)).toBe(true);
  });
});
