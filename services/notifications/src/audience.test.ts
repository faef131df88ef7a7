import type { Connection } from "@gochat/runtime/socket-server";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Audience } from "./audience.ts";

const at = "2026-01-01T00:00:00.000Z";

function connect(userId: string | null) {
  const received: string[] = [];
  const connection = {
    id: crypto.randomUUID(),
    identity: userId === null ? null : { userId, sessionId: "s", username: userId, expiresAt: 0 },
    isOpen: true,
    send: (frame: object | string) => received.push(String(frame)),
    sendSoon: () => {},
    sendError: () => {},
    whenReceived: () => {},
    close: () => {},
  } satisfies Connection;
  return { connection, received };
}

function audienceOf(people: ReturnType<typeof connect>[], guestsMaySee = true): Audience {
  const all = new Set<Connection>(people.map(({ connection }) => connection));
  const of = (userId: string) => new Set([...all].filter(({ identity }) => identity?.userId === userId));
  const audience = new Audience({ all, of }, guestsMaySee);
  for (const connection of all) audience.joined(connection);
  return audience;
}

const online = (userId: string) => ({ type: "user.online", userId, at }) as const;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("presence", () => {
  test("is for everyone, until a connection names whom it watches; the last list counts", () => {
    const [ana, bob] = [connect("ana"), connect(null)];
    const audience = audienceOf([ana, bob]);
    audience.tellWatchers("eva", online("eva"));
    audience.watches(ana.connection, ["eva", "kim"]);
    audience.watches(ana.connection, ["kim"]);
    audience.tellWatchers("eva", online("eva"));
    audience.tellWatchers("kim", online("kim"));
    expect(ana.received.map((text) => JSON.parse(text).userId)).toEqual(["eva", "kim"]);
    expect(bob.received).toHaveLength(3);
  });

  test("of nobody is told after an empty list, nor to who left", () => {
    const [ana, bob, kim] = [connect("ana"), connect("bob"), connect("kim")];
    const audience = audienceOf([ana, bob, kim]);
    audience.watches(ana.connection, []);
    audience.watches(bob.connection, ["eva"]);
    audience.left(bob.connection);
    audience.left(kim.connection);
    audience.tellWatchers("eva", online("eva"));
    expect([ana.received, bob.received, kim.received]).toEqual([[], [], []]);
  });

  test("is not for guests where the directory is not, even if they ask", () => {
    const [ana, guest] = [connect("ana"), connect(null)];
    const audience = audienceOf([ana, guest], false);
    audience.watches(guest.connection, ["eva"]);
    audience.tellWatchers("eva", online("eva"));
    audience.tellAll(online("eva"));
    expect(ana.received).toHaveLength(2);
    expect(guest.received).toEqual([]);
  });
});

describe("whoever comes", () => {
  const offline = { type: "user.offline", userId: "eva", lastSeenAt: at } as const;

  test("hears again what changed just before, which the directory may not have known yet", () => {
    const [ana, bob, kim] = [connect("ana"), connect("bob"), connect("kim")];
    const audience = audienceOf([]);
    audience.tellWatchers("leo", online("leo"));
    vi.advanceTimersByTime(10_000);
    audience.tellWatchers("eva", online("eva"));
    vi.advanceTimersByTime(100);
    for (const { connection } of [ana, bob, kim]) audience.joined(connection);
    audience.watches(bob.connection, ["leo"]);
    audience.left(kim.connection);
    expect(ana.received).toEqual([]);
    vi.advanceTimersByTime(2_000);
    expect(ana.received.map((text) => JSON.parse(text))).toEqual([online("eva")]);
    expect([bob.received, kim.received]).toEqual([[], []]);
  });

  test("that is repeated is told, unless something newer was", () => {
    const ana = connect("ana");
    const audience = audienceOf([ana]);
    const left = { ...offline, lastSeenAt: "2026-01-01T00:00:01.000Z" };
    const frames = [online("eva"), online("eva"), left, online("eva")];
    for (const frame of frames) audience.tellWatchers("eva", frame);
    expect(ana.received.map((text) => JSON.parse(text))).toEqual(frames.slice(0, 3));
  });

  test("never hears again what has changed since", () => {
    const ana = connect("ana");
    const audience = audienceOf([]);
    audience.tellWatchers("eva", online("eva"));
    audience.joined(ana.connection);
    vi.advanceTimersByTime(1_000);
    audience.tellWatchers("eva", offline);
    vi.advanceTimersByTime(10_000);
    expect(ana.received.map((text) => JSON.parse(text))).toEqual([offline]);
  });
});

test("a person's own frames reach all of that person's sockets and nobody else", () => {
  const [laptop, phone, bob] = [connect("ana"), connect("ana"), connect("bob")];
  audienceOf([laptop, phone, bob]).tellPerson("ana", online("ana"));
  expect([laptop.received.length, phone.received.length, bob.received.length]).toEqual([1, 1, 0]);
});
