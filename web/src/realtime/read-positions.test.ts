import type { ChatClientFrame } from "@gochat/contracts/sockets/chat";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createReadPositions, type ReadPositions } from "./read-positions.ts";

let sent: ChatClientFrame[];
let positions: ReadPositions;
beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  positions = createReadPositions((frame) => Boolean(sent.push(frame)));
});
afterEach(() => {
  positions.stop();
  vi.useRealTimers();
});

const read = (seq: number) => ({ type: "message.read", conversationId: "c", seq });

describe("read positions", () => {
  it("are gathered a moment, and go out once where the server confirms them", () => {
    positions.read("c", 3);
    positions.read("c", 5);
    positions.read("c", 4);
    vi.advanceTimersByTime(200);
    expect(sent).toEqual([read(5)]);
    positions.confirm("c", 5);
    vi.advanceTimersByTime(60_000);
    expect(sent).toHaveLength(1);
  });

  it("go out again while they are not confirmed, three times in all", () => {
    positions.read("c", 3);
    vi.advanceTimersByTime(10_500);
    expect(sent).toEqual([read(3), read(3)]);
    vi.advanceTimersByTime(120_000);
    expect(sent).toHaveLength(3);
    positions.read("c", 4);
    vi.advanceTimersByTime(200);
    expect(sent.at(-1)).toEqual(read(4));
  });

  it("go out once more with a new connection", () => {
    positions.read("c", 3);
    vi.advanceTimersByTime(200);
    positions.reconnected();
    expect(sent).toEqual([read(3), read(3)]);
  });
});
