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
/** Until then all must be answered: up to 60 messages, each of which may have to wait for a client's 10 s. */
const longestMs = faultyMs + 45_000;
const conversations = ["ab", "ac", "ad"];

interface Attempt {
  readonly event: MessageSent;
  readonly window: SendWindow;
}
interface Written {
  readonly id: string;
  readonly conversation: string;
}
type Frame = { type: "stored" | "refused" | "later"; id: string; retryAfterMs?: number };
/** Goes behind a refusal to the client, and comes back as a frame. */
type Question = { type: "heard"; refusal: number; window: SendWindow };

/**
 * One device that has many messages under way in a few conversations, chat's window, a queue from chat to messages for
 * each conversation and one back, and messages' memory and log. Queues are purged, processes of messages take over from
 * each other, connections break, answers are late, and the device reads the log of what it does not hear.
 */
class Simulation {
  readonly #random: Random;
  readonly #isPatient: boolean;
  readonly #outbox = new Outbox();
  readonly #written: Written[] = [];
  readonly #bad = new Set<string>();
  readonly #log: Written[] = conversations.map(oldOf);
  #window = this.#newWindow();
  #order = new SendOrder();
  #frames: { frame: Written | Question; at: number }[] = [];
  #queues = new Map(conversations.map((conversation) => [conversation, [] as Attempt[]]));
  #answers: { window: SendWindow; frame: Frame; at: number }[] = [];
  #downlink: { frame: Frame | Question; at: number }[] = [];
  #pages: { ids: readonly string[]; at: number }[] = [];
  #now = 0;
  #connections = 0;

  /** `isPatient`: a client that never takes its connection for dead. */
  constructor(seed: number, isPatient: boolean) {
    this.#random = createRandom(seed);
    this.#isPatient = isPatient;
  }

  /** Until everything is answered. What was written and what was stored, by conversation. */
  run(): { written: unknown; stored: unknown; isDone: boolean } {
    const random = this.#random;
    for (; this.#now < longestMs; this.#now += stepMs) {
      const isFaulty = this.#now < faultyMs;
      if (isFaulty && random.chance(0.2)) this.#write();
      if (isFaulty && random.chance(0.05)) this.#queues.set(random.pick(conversations), []);
      if (isFaulty && random.chance(0.01)) this.#loseAnswers();
      if (isFaulty && random.chance(0.005)) this.#order = new SendOrder();
      if (isFaulty && random.chance(0.002)) this.#reconnect();
      this.#send();
      this.#arrive();
      // Now and then nobody stores for a while.
      if (!isFaulty || this.#now % 8_000 > random.below(4_000)) this.#storeSome();
      this.#hear();
      if (random.chance(0.02)) this.#askForLog();
      this.#read();
      this.#window.forgetOld(this.#now);
      if (!isFaulty && this.#outbox.size === 0) break;
    }
    const written = this.#written.filter(({ id }) => !this.#bad.has(id));
    return {
      written: Object.groupBy(written, ({ conversation }) => conversation),
      stored: Object.groupBy(this.#log.slice(conversations.length), ({ conversation }) => conversation),
      isDone: this.#outbox.size === 0,
    };
  }

  #newWindow(): SendWindow {
    const isFull = () => this.#now < faultyMs && this.#random.chance(0.02);
    return new SendWindow({ unacknowledged: 0, isFull, buckets: undefined, random: () => 0.5 });
  }

  #write(): void {
    const { below, chance, pick } = this.#random;
    // Up to a few at once, some of them refused for good, and one that was stored long ago.
    for (let count = 1 + below(4); count > 0 && this.#outbox.size < 60; count--) {
      const conversation = pick(conversations);
      if (chance(0.1)) {
        const old = oldOf(conversation);
        if (!this.#outbox.get(old.id)) this.#outbox.add(letter(old));
        continue;
      }
      const written = { id: `m${this.#written.length}`, conversation };
      if (chance(0.1)) this.#bad.add(written.id);
      this.#written.push(written);
      this.#outbox.add(letter(written));
    }
  }

  #send(): void {
    const { letters, isStale } = this.#outbox.due(this.#now);
    if (isStale && this.#isPatient) this.#outbox.reconnected();
    else if (isStale) this.#reconnect();
    for (const { id, conversation } of letters) this.#rise({ id, conversation });
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
      const { id, conversation } = frame;
      const refusal = this.#window.admit(id, conversation, "ana", this.#now);
      if (refusal) {
        this.#tell({ type: "later", id, retryAfterMs: refusal.retryAfterMs });
        continue;
      }
      const place = this.#window.placeOf(id, conversation, this.#now);
      const event = { id, node: "n", socket: `${this.#connections}`, ...place } as MessageSent;
      this.#queues.get(conversation)!.push({ event, window: this.#window });
    }
  }

  #storeSome(): void {
    for (const [conversation, queue] of this.#queues) {
      this.#store(conversation, queue.splice(0, this.#random.below(6)));
    }
  }

  #store(conversation: string, batch: readonly Attempt[]): void {
    const early = this.#order.early(batch.map(({ event }) => event));
    for (const { event, window } of batch) {
      const { id } = event;
      const isStored = this.#log.some((stored) => stored.id === id);
      const isHeld = early.has(event) && !isStored;
      if (!isHeld && !isStored && !this.#bad.has(id)) this.#log.push({ id, conversation });
      if (!early.has(event)) this.#order.settle(event);
      const frame: Frame = isHeld
        ? { type: "later", id, retryAfterMs: 1_000 }
        : { type: this.#bad.has(id) ? "refused" : "stored", id };
      this.#answers.push({ window, frame, at: this.#soon(this.#answers) });
    }
  }

  /** Mostly chat knows. */
  #loseAnswers(): void {
    this.#answers = [];
    if (this.#random.chance(0.7)) this.#window.expectNoAnswers();
  }

  #askForLog(): void {
    const ids = this.#log.slice(conversations.length).map(({ id }) => id);
    this.#pages.push({ ids, at: this.#soon(this.#pages) });
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

  #rise(frame: Written | Question): void {
    this.#frames.push({ frame, at: this.#soon(this.#frames) });
  }

  #read(): void {
    for (const { ids } of due(this.#pages, this.#now)) for (const id of ids) this.#outbox.settle(id);
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

function oldOf(conversation: string): Written {
  return { id: `old of ${conversation}`, conversation };
}

function letter({ id, conversation }: Written): Letter {
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
      const { written, stored, isDone } = new Simulation(seed, isPatient).run();
      expect(stored).toEqual(written);
      expect(isDone).toBe(true);
    }),
    { numRuns: 60 },
  );
});
