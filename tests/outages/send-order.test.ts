import { SendWindow } from "@gochat/chat/send-window";
import type { MessageSent } from "@gochat/contracts/events/message-events";
import { SendOrder } from "@gochat/messages/send-order";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Letter, Outbox } from "../chaos/drive/outbox.ts";
import { createRandom, type Random } from "../chaos/drive/random.ts";

/** One step of the simulated time, in milliseconds; answers take a few of them. */
const stepMs = 50;
const faultyMs = 60_000;
const longestMs = 200_000;
const conversation = "ab";

interface Attempt {
  readonly event: MessageSent;
  readonly window: SendWindow;
}
type Frame = { type: "stored" | "refused" | "later"; id: string; retryAfterMs?: number };
/** Goes behind a refusal to the client, and comes back as a frame. */
type Question = { type: "heard"; refusal: number; window: SendWindow };

/**
 * One device that has many messages under way, chat's window, the queue between chat and messages, and messages' memory
 * and log. The queue is purged, processes of messages take over from each other, connections break, answers are late.
 */
class Simulation {
  readonly #random: Random;
  readonly #isPatient: boolean;
  readonly #outbox = new Outbox();
  readonly #written: string[] = [];
  readonly #bad = new Set<string>();
  /** The log of the conversation. */
  readonly #log: string[] = ["old"];
  #window = this.#newWindow();
  #order = new SendOrder();
  #frames: { frame: { id: string } | Question; at: number }[] = [];
  #queue: Attempt[] = [];
  #answers: { window: SendWindow; frame: Frame; at: number }[] = [];
  #downlink: { frame: Frame | Question; at: number }[] = [];
  #now = 0;
  #connections = 0;

  /** `isPatient`: a client that never takes its connection for dead. */
  constructor(seed: number, isPatient: boolean) {
    this.#random = createRandom(seed);
    this.#isPatient = isPatient;
  }

  /** Until everything is answered. */
  run(): { written: readonly string[]; log: readonly string[]; isDone: boolean } {
    const random = this.#random;
    for (; this.#now < longestMs; this.#now += stepMs) {
      const isFaulty = this.#now < faultyMs;
      if (isFaulty && random.chance(0.2)) this.#write();
      if (isFaulty && random.chance(0.03)) this.#queue = [];
      if (isFaulty && random.chance(0.005)) this.#order = new SendOrder();
      if (isFaulty && random.chance(0.002)) this.#reconnect();
      this.#send();
      this.#arrive();
      // Now and then nobody stores for a while.
      if (!isFaulty || this.#now % 8_000 > random.below(4_000)) this.#store(1 + random.below(6));
      this.#hear();
      this.#read();
      this.#window.forgetOld(this.#now);
      if (!isFaulty && this.#outbox.size === 0) break;
    }
    return {
      written: this.#written.filter((id) => !this.#bad.has(id)),
      log: this.#log.slice(1),
      isDone: this.#outbox.size === 0,
    };
  }

  #newWindow(): SendWindow {
    return new SendWindow({ unacknowledged: 0, isFull: () => false, buckets: undefined, random: () => 0.5 });
  }

  #write(): void {
    const { below, chance } = this.#random;
    // Up to a few at once, some of them refused for good, and one that was stored long ago.
    for (let count = 1 + below(4); count > 0 && this.#outbox.size < 60; count--) {
      if (chance(0.1)) {
        if (!this.#outbox.get("old")) this.#outbox.add(letter("old"));
        continue;
      }
      const id = `m${this.#written.length}`;
      if (chance(0.1)) this.#bad.add(id);
      this.#written.push(id);
      this.#outbox.add(letter(id));
    }
  }

  #send(): void {
    const { letters, isStale } = this.#outbox.due(this.#now);
    if (isStale && this.#isPatient) this.#outbox.reconnected();
    else if (isStale) this.#reconnect();
    for (const { id } of letters) this.#rise({ id });
  }

  #reconnect(): void {
    this.#window = this.#newWindow();
    this.#connections += 1;
    this.#frames = [];
    this.#downlink = [];
    this.#outbox.reconnected();
  }

  /** Frames come to chat. */
  #arrive(): void {
    for (const { frame } of due(this.#frames, this.#now)) {
      if ("refusal" in frame) {
        frame.window.heard(frame.refusal);
        continue;
      }
      const { id } = frame;
      const refusal = this.#window.admit(id, conversation, "ana", this.#now);
      if (refusal) {
        this.#tell({ type: "later", id, retryAfterMs: refusal.retryAfterMs });
        continue;
      }
      const place = this.#window.placeOf(id, conversation, this.#now);
      const event = { id, node: "n", socket: `${this.#connections}`, ...place } as MessageSent;
      this.#queue.push({ event, window: this.#window });
    }
  }

  #store(count: number): void {
    const batch = this.#queue.splice(0, count);
    const early = this.#order.early(batch.map(({ event }) => event));
    for (const { event, window } of batch) {
      const { id } = event;
      const isStored = this.#log.includes(id);
      const isHeld = early.has(event) && !isStored;
      if (!isHeld && !isStored && !this.#bad.has(id)) this.#log.push(id);
      if (!early.has(event)) this.#order.settle(event);
      const frame: Frame = isHeld
        ? { type: "later", id, retryAfterMs: 1_000 }
        : { type: this.#bad.has(id) ? "refused" : "stored", id };
      this.#answers.push({ window, frame, at: this.#soon(this.#answers) });
    }
  }

  /** Answers come to chat. */
  #hear(): void {
    for (const { window, frame } of due(this.#answers, this.#now)) {
      if (frame.type === "later") window.postpone(frame.id, this.#now, frame.retryAfterMs!);
      else window.settle(frame.id);
      if (frame.type === "stored") this.#window.settle(frame.id);
      if (window === this.#window || frame.type === "stored") this.#tell(frame);
    }
  }

  #tell(frame: Frame): void {
    this.#downlink.push({ frame, at: this.#soon(this.#downlink) });
    if (frame.type !== "later") return;
    const question: Question = { type: "heard", refusal: this.#window.lastRefusal, window: this.#window };
    this.#downlink.push({ frame: question, at: this.#soon(this.#downlink) });
  }

  #rise(frame: { id: string } | Question): void {
    this.#frames.push({ frame, at: this.#soon(this.#frames) });
  }

  #read(): void {
    for (const { frame } of due(this.#downlink, this.#now)) {
      if (frame.type === "heard") this.#rise(frame);
      else if (frame.type === "later") this.#outbox.hold(frame.id, this.#now + frame.retryAfterMs!);
      else this.#outbox.settle(frame.id);
    }
  }

  /** When what is sent now comes, behind what was sent before. */
  #soon(under: readonly { at: number }[]): number {
    const latest = this.#random.chance(0.02) ? 1_000 : 300;
    return Math.max(under.at(-1)?.at ?? 0, this.#now + this.#random.below(latest));
  }
}

function letter(id: string): Letter {
  return { id, conversation, content: {}, hash: "", isBad: false };
}

/** Takes out those whose time has come. */
function due<Item extends { at: number }>(items: Item[], now: number): Item[] {
  const end = items.findIndex(({ at }) => at > now);
  return items.splice(0, end < 0 ? items.length : end);
}

test.each([
  ["that connects anew where nothing is answered", false],
  ["that stays on one socket", true],
])("whatever is lost on its way, a device %s keeps its order, and all is stored", (_name, isPatient) => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const { written, log, isDone } = new Simulation(seed, isPatient).run();
      expect(log).toEqual(written);
      expect(isDone).toBe(true);
    }),
    { numRuns: 60 },
  );
});
