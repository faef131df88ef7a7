import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { newestByTime, newestPresence, type PresenceChange, presentPerson } from "./person.ts";

const ana = "0b0e7a5c-7d0e-4f44-9e39-0d6a3c7f3f11";
const bob = "5f0b7e0a-52f2-4d3e-8a42-6c4bb9e0a001";
const at = (second: number) => `2030-01-01T00:00:${String(second).padStart(2, "0")}.000Z`;

describe("a person", () => {
  const row = { id: ana, username: "ana", online: true, lastSeenAt: new Date(at(1)) };

  test("is shown with status and time", () => {
    expect(presentPerson(row, true)).toEqual({
      id: ana,
      username: "ana",
      status: "online",
      lastSeenAt: at(1),
    });
    expect(presentPerson({ ...row, online: false, lastSeenAt: null }, true)).toMatchObject({
      status: "offline",
      lastSeenAt: null,
    });
  });

  test("has no known status while presence cannot be read", () => {
    expect(presentPerson(row, false).status).toBe("unknown");
  });
});

describe("presence", () => {
  test("the newest change counts, one a person", () => {
    const changes = [
      { userId: ana, online: true, at: at(3) },
      { userId: bob, online: true, at: at(1) },
      { userId: ana, online: false, at: at(2) },
    ];
    expect(newestPresence(changes)).toEqual([changes[0], changes[1]]);
  });

  test("whatever the order and the repetitions, the same is left", () => {
    const change = fc.record({
      userId: fc.constantFrom(ana, bob),
      online: fc.boolean(),
      at: fc.integer({ min: 0, max: 5 }).map(at),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 20 }), fc.infiniteStream(fc.nat()), (changes, random) => {
        const shuffled = [...changes, ...changes].sort(() => (random.next().value % 3) - 1);
        expect(byUser(newestPresence(shuffled))).toEqual(byUser(newestPresence(changes)));
      }),
    );
  });
});

test("of several sign-ins the newest counts", () => {
  const events = [
    { userId: ana, at: at(2) },
    { userId: ana, at: at(1) },
  ];
  expect(newestByTime(events)).toEqual([events[0]]);
});

function byUser(changes: readonly PresenceChange[]) {
  return Object.fromEntries(changes.map((change) => [change.userId, change]));
}
