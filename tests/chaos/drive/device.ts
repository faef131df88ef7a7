import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Seen } from "../history.ts";
import { type HistoryWriter, hashBody } from "../history-file.ts";
import { CatchUp } from "./catch-up.ts";
import { type Letter, Outbox } from "./outbox.ts";
import type { DrivenPerson } from "./person.ts";
import type { Random } from "./random.ts";
import { ReadPositions } from "./read-positions.ts";
import { DrivenSocket, type Frame } from "./socket.ts";
import { Timeline } from "./timeline.ts";
import { writeFrame } from "./write-frame.ts";

export interface DeviceOptions {
  readonly name: string;
  readonly person: DrivenPerson;
  /** Conversation → the other member. */
  readonly conversations: ReadonlyMap<string, string>;
  readonly history: HistoryWriter;
  readonly random: Random;
  address(): { url: string; origin: string };
  /** Mutants of the client: what it leaves out. */
  readonly omits?: "further pages" | "resume";
}

const mostWaiting = 64;

/** A chat socket with what belongs to it on a device: an outbox, and what was applied of each conversation. */
export class Device {
  readonly #options: DeviceOptions;
  readonly socket: DrivenSocket;
  readonly timelines: ReadonlyMap<string, Timeline>;
  readonly #outbox = new Outbox();
  readonly #reads: ReadPositions;
  readonly #catchUp: CatchUp;
  /** A few messages that were answered, to be sent again. */
  readonly #answered: Letter[] = [];
  #acknowledged = 0;

  constructor(options: DeviceOptions) {
    this.#options = options;
    const { name, person, history, random, conversations, address } = options;
    this.timelines = new Map([...conversations.keys()].map((id) => [id, new Timeline()]));
    this.socket = new DrivenSocket({
      kind: "chat",
      device: name,
      history,
      random,
      address: () => ({ ...address(), cookie: person.cookie }),
      onReady: () => this.#ready(),
      onFrame: (frame) => this.#receive(frame),
      onUnauthenticated: () => person.refresh(),
    });
    this.#reads = new ReadPositions({ device: name, history, send: (frame) => this.socket.send(frame) });
    this.#catchUp = new CatchUp({
      device: name,
      person,
      history,
      timelines: this.timelines,
      stopsAfterOnePage: options.omits === "further pages",
      onSeen: (id) => this.#answer(id),
    });
  }

  get name(): string {
    return this.#options.name;
  }

  get person(): DrivenPerson {
    return this.#options.person;
  }

  /** Nothing is on its way from here, and nothing is known to be missing. */
  get isAtRest(): boolean {
    const hasGap = [...this.timelines.values()].some((timeline) => timeline.hasGap);
    return this.socket.isOpen && this.#outbox.size === 0 && this.#reads.isConfirmed && !hasGap;
  }

  get isReadConfirmed(): boolean {
    return this.#reads.isConfirmed;
  }

  /** Something that it has to say is not answered yet. */
  get isWaiting(): boolean {
    return this.#outbox.size > 0;
  }

  /** How many of its messages were answered as stored. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** Why it is not at rest. */
  get state(): string {
    const gaps = [...this.timelines.values()].filter((timeline) => timeline.hasGap).length;
    return `${this.name}: open ${this.socket.isOpen}, waiting ${this.#outbox.size}, gaps ${gaps}, reads confirmed ${this.#reads.isConfirmed}`;
  }

  get isBusy(): boolean {
    return this.#outbox.size >= mostWaiting;
  }

  write(conversation: string, body: string): void {
    const to = this.#options.conversations.get(conversation)!;
    // By person or by conversation, which are two paths through the server.
    const content = this.#options.random.chance(0.5) ? { to, body } : { conversationId: conversation, body };
    this.#add({ id: randomUUID(), conversation, content, hash: hashBody(body), isBad: false });
  }

  /** A message that must be refused for good. */
  writeBad(conversation: string): void {
    const { random } = this.#options;
    const reused = random.chance(0.3) ? this.#answered.at(-1) : undefined;
    const body = `refuse me ${random.next()}`;
    const content = reused
      ? { conversationId: reused.conversation, body }
      : random.chance(0.5)
        ? { conversationId: randomUUID(), body }
        : { conversationId: conversation, body, replyTo: randomUUID() };
    const id = reused?.id ?? randomUUID();
    if (!this.#outbox.get(id)) this.#add({ id, conversation, content, hash: hashBody(body), isBad: true });
  }

  /** Sends a message again that was answered: the answer must be the same. */
  repeat(): void {
    const { random } = this.#options;
    if (this.#answered.length === 0) return;
    const letter = random.pick(this.#answered);
    if (!this.#outbox.get(letter.id)) this.#add(letter);
  }

  read(conversation: string): void {
    const applied = this.timelines.get(conversation)?.applied ?? 0;
    // Sometimes an older position than the newest: it must not move anything back.
    const { random } = this.#options;
    if (applied > 0) this.#reads.read(conversation, random.chance(0.2) ? 1 + random.below(applied) : applied);
  }

  type(conversation: string): void {
    this.socket.send({ type: "typing", conversationId: conversation });
  }

  /** To be called a few times a second. */
  tick(): void {
    const now = this.#options.history.now();
    this.socket.dropIfSilent(now);
    this.#flush();
    this.#reads.tick(now);
  }

  /** The server says where this person has read up to. */
  confirmRead(conversation: string, readSeq: number): void {
    this.#reads.confirm(conversation, readSeq);
  }

  #add(letter: Letter): void {
    this.#outbox.add(letter);
    this.#flush();
  }

  #ready(): void {
    const heads = Object.fromEntries([...this.timelines].map(([id, { applied }]) => [id, applied]));
    if (this.#options.omits !== "resume") this.socket.send({ type: "resume", heads });
    this.#outbox.reconnected();
    this.#flush();
    this.#reads.reconnected();
    this.#catchUp.retry();
  }

  #flush(): void {
    if (!this.socket.isOpen) return;
    const { history, name } = this.#options;
    const { letters, isStale } = this.#outbox.due(history.now());
    if (isStale) return this.socket.drop();
    for (const { id, conversation, content, hash, isBad } of letters) {
      const { connection } = this.socket;
      history.write({
        kind: "sent",
        device: name,
        connection,
        conversation,
        id,
        hash,
        ...(isBad && { bad: true }),
      });
      this.socket.send({ type: "message.send", id, ...content });
    }
  }

  #receive(frame: Frame): void {
    const { history, name, person } = this.#options;
    switch (frame.type) {
      case "message.stored":
        return this.#stored(frame);
      case "message.rejected":
        history.write({ kind: "rejected", device: name, id: frame.id, code: frame.code });
        return this.#rejected(frame);
      case "message.read":
        history.write({
          kind: "read",
          device: name,
          conversation: frame.conversationId,
          person: frame.userId,
          readSeq: frame.readSeq,
        });
        if (frame.userId === person.id) this.#reads.confirm(frame.conversationId, frame.readSeq);
        return;
      case "head":
        history.write({
          kind: "head",
          device: name,
          conversation: frame.conversationId,
          headSeq: frame.headSeq,
        });
        this.timelines.get(frame.conversationId)?.heard(frame.headSeq);
        this.#catchUp.check(frame.conversationId);
        return;
      case "reconnect":
        void sleep(frame.afterMs).then(() => this.socket.drop());
        return;
      default:
        writeFrame(history, "chat", name, frame);
    }
  }

  #stored({ conversationId, seq, message }: Frame): void {
    const { history, name } = this.#options;
    const timeline = this.timelines.get(conversationId);
    timeline?.take(seq);
    const seen: Seen = [seq, message.id, message.senderId, hashBody(message.body)];
    const applied = timeline?.applied ?? 0;
    history.write({ kind: "stored", device: name, conversation: conversationId, message: seen, applied });
    this.#answer(message.id);
    this.#catchUp.check(conversationId);
  }

  #answer(id: string): void {
    const letter = this.#outbox.get(id);
    if (!letter || letter.isBad) return;
    this.#outbox.settle(id);
    this.#acknowledged += 1;
    if (this.#answered.length >= 20) this.#answered.shift();
    this.#answered.push(letter);
    this.#flush();
  }

  #rejected({ id, code, retryAfterMs = 1_000 }: Frame): void {
    if (code === "BUSY" || code === "RATE_LIMITED") {
      this.#outbox.hold(id, this.#options.history.now() + retryAfterMs);
    } else {
      this.#outbox.settle(id);
    }
  }
}
