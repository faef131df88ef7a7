import { InvalidEventError, QueueFullError } from "@gochat/broker/broker";
import { describe, expect, test } from "vitest";
import { createLogger } from "./logger.ts";
import { applyBatch } from "./patience.ts";

const logger = createLogger("silent");
const refused = Object.assign(new Error("date out of range"), { code: "22008", severity: "ERROR" });
const away = Object.assign(new Error("connection lost"), { code: "08006", severity: "FATAL" });

function createDelivery() {
  const deadLetters: number[] = [];
  const controller = new AbortController();
  const deadLetter = async (event: number) => void deadLetters.push(event);
  return { deadLetters, controller, signal: controller.signal, deadLetter };
}

describe("a batch", () => {
  test("with poisoned events loses those alone, in order", async () => {
    const delivery = createDelivery();
    const applied: number[] = [];
    const told: number[] = [];
    const apply = async (events: readonly number[]) => {
      if (events.some((event) => event === 3 || event === 7)) throw refused;
      applied.push(...events);
    };
    const events = [1, 2, 3, 4, 5, 6, 7, 8];
    await applyBatch({ events, delivery, logger, apply, onRefused: (event) => told.push(event) });
    expect(applied).toEqual([1, 2, 4, 5, 6, 8]);
    expect(delivery.deadLetters).toEqual([3, 7]);
    expect(told).toEqual([3, 7]);
  });

  test("waits while the database is away, and loses nothing", async () => {
    const delivery = createDelivery();
    let calls = 0;
    const apply = async () => {
      calls++;
      if (calls < 3) throw away;
    };
    await applyBatch({ events: [1, 2], delivery, logger, apply });
    expect(calls).toBe(3);
    expect(delivery.deadLetters).toEqual([]);
  });

  test("waits also where the statement itself cannot be run, and gives no event up", async () => {
    const delivery = createDelivery();
    let calls = 0;
    const apply = async () => {
      calls++;
      if (calls < 3) throw Object.assign(new Error("no such table"), { code: "42P01", severity: "ERROR" });
    };
    await applyBatch({ events: [1, 2], delivery, logger, apply });
    expect(delivery.deadLetters).toEqual([]);
  });

  test.each([
    ["a network that is down", Object.assign(new Error("write ENETDOWN"), { code: "ENETDOWN" })],
    ["a broken TLS connection", Object.assign(new Error("bad record"), { code: "ERR_SSL_BAD_RECORD_MAC" })],
    ["a stream that is gone", Object.assign(new Error("destroyed"), { code: "ERR_STREAM_DESTROYED" })],
    ["a broker that is full", new QueueFullError("q")],
    ["an error that says nothing", new Error("something")],
    ["what is no error", undefined],
  ])("waits for the end of %s, and gives no event up", async (_name, error) => {
    const delivery = createDelivery();
    let calls = 0;
    const apply = async () => {
      calls++;
      if (calls < 2) throw error;
    };
    await applyBatch({ events: [1, 2], delivery, logger, apply });
    expect(calls).toBe(2);
    expect(delivery.deadLetters).toEqual([]);
  });

  test.each([new RangeError("date"), new InvalidEventError("e", "two")])(
    "does not wait for what no attempt can mend: %s",
    async (error) => {
      const delivery = createDelivery();
      const apply = async (events: readonly number[]) => {
        if (events.includes(2)) throw error;
      };
      await applyBatch({ events: [1, 2, 3], delivery, logger, apply });
      expect(delivery.deadLetters).toEqual([2]);
    },
  );

  test("with an event that the code stumbles over loses that one alone", async () => {
    const delivery = createDelivery();
    const apply = async (events: readonly number[]) => {
      if (events.includes(2)) throw new TypeError("not a function");
    };
    await applyBatch({ events: [1, 2, 3], delivery, logger, apply });
    expect(delivery.deadLetters).toEqual([2]);
  });

  test("is given back when the subscription closes", async () => {
    const delivery = createDelivery();
    const apply = async () => {
      delivery.controller.abort();
      throw away;
    };
    await expect(applyBatch({ events: [1, 2], delivery, logger, apply })).rejects.toThrow();
    expect(delivery.deadLetters).toEqual([]);
  });
});
