import type { Entry, Seen } from "../history.ts";

/** A message as its sender meant it, and what became of it. */
export interface Sent {
  readonly id: string;
  readonly conversation: string;
  readonly device: string;
  readonly person: string;
  readonly hash: string;
  /** The first attempt. */
  readonly sentAt: number;
  readonly sentLine: number;
  /** When the sending device first saw it stored. */
  acknowledgedAt: number | undefined;
  acknowledgedLine: number | undefined;
  /** Where it was first seen, by anybody. */
  seq: number | undefined;
  seqLine: number | undefined;
}

interface Place {
  readonly id: string;
  readonly senderId: string;
  readonly line: number;
}

/** What stands where in one conversation, as it was first seen by anybody. */
export interface Log {
  readonly members: readonly [string, string];
  readonly places: (Place | undefined)[];
  /** The highest head that anybody was told. */
  told: number;
  /** Histories read at the end: person → messages. */
  readonly finals: Map<string, { headSeq: number; messages: readonly Seen[]; line: number }>;
}

/** What all judges look things up in. It takes each line before they do. */
export class Ledger {
  readonly sent = new Map<string, Sent>();
  /** Ids that the driver sent knowing that they must be refused. */
  readonly bad = new Set<string>();
  readonly logs = new Map<string, Log>();
  readonly personOf = new Map<string, string>();
  readonly people = new Set<string>();

  take(entry: Entry, line: number): void {
    if (entry.kind === "run") this.#begin(entry);
    else if (entry.kind === "sent") this.#send(entry, line);
    else if (entry.kind === "history") {
      const { person, headSeq, messages } = entry;
      this.logs.get(entry.conversation)?.finals.set(person, { headSeq, messages, line });
    }
    if (entry.kind === "head" || entry.kind === "page" || entry.kind === "summary") {
      const log = this.logs.get(entry.conversation);
      if (log) log.told = Math.max(log.told, entry.headSeq);
    }
    if (isSeeing(entry)) for (const message of messagesOf(entry)) this.#see(entry, message, line);
  }

  /** The head as far as anybody has seen it, or was told of it. */
  headOf(conversation: string): number {
    const log = this.logs.get(conversation);
    return log ? Math.max(log.told, log.places.length - 1) : 0;
  }

  isMember(conversation: string, person: string | undefined): boolean {
    return person !== undefined && (this.logs.get(conversation)?.members.includes(person) ?? false);
  }

  /** Positions and senders of a conversation, from the history that its first member read at the end. */
  finalOf(conversation: string): { headSeq: number; messages: readonly Seen[]; line: number } | undefined {
    return this.logs.get(conversation)?.finals.values().next().value;
  }

  #begin({ people, devices, conversations }: Extract<Entry, { kind: "run" }>): void {
    for (const person of people) this.people.add(person);
    for (const [device, person] of Object.entries(devices)) this.personOf.set(device, person);
    for (const [id, members] of Object.entries(conversations)) {
      this.logs.set(id, { members, places: [], told: 0, finals: new Map() });
    }
  }

  #send(entry: Extract<Entry, { kind: "sent" }>, line: number): void {
    const { id, conversation, device, hash, t, bad } = entry;
    if (bad) {
      this.bad.add(id);
      return;
    }
    if (this.sent.has(id)) return;
    this.sent.set(id, {
      id,
      conversation,
      device,
      person: this.personOf.get(device) ?? "",
      hash,
      sentAt: t,
      sentLine: line,
      acknowledgedAt: undefined,
      acknowledgedLine: undefined,
      seq: undefined,
      seqLine: undefined,
    });
  }

  #see(entry: Seeing, [seq, id, senderId]: Seen, line: number): void {
    const places = this.logs.get(entry.conversation)?.places;
    if (places && !places[seq]) places[seq] = { id, senderId, line };
    const sent = this.sent.get(id);
    if (!sent || sent.conversation !== entry.conversation) return;
    sent.seq ??= seq;
    sent.seqLine ??= line;
    if ("device" in entry && entry.device === sent.device) {
      sent.acknowledgedAt ??= entry.t;
      sent.acknowledgedLine ??= line;
    }
  }
}

type Seeing = Extract<Entry, { kind: "stored" | "page" | "history" }>;

export function isSeeing(entry: Entry): entry is Seeing {
  return entry.kind === "stored" || entry.kind === "page" || entry.kind === "history";
}

/** The messages that a line shows to whoever observed it. */
export function messagesOf(entry: Seeing): readonly Seen[] {
  return entry.kind === "stored" ? [entry.message] : entry.messages;
}
