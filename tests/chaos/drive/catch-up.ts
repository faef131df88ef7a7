import { setTimeout as sleep } from "node:timers/promises";
import type { Seen } from "../history.ts";
import { type HistoryWriter, hashBody } from "../history-file.ts";
import type { DrivenPerson } from "./person.ts";
import type { Timeline } from "./timeline.ts";

interface CatchUpOptions {
  readonly device: string;
  readonly person: DrivenPerson;
  readonly history: HistoryWriter;
  readonly timelines: ReadonlyMap<string, Timeline>;
  readonly stopsAfterOnePage: boolean;
  readonly onSeen: (messageId: string) => void;
}

interface Change {
  readonly seq: number;
  readonly message: { readonly id: string; readonly senderId: string; readonly body: string };
}

/** Small, so that catching up takes several pages. */
const pageSize = 50;
const retryMs = 1_000;

/** Closes the gaps of a device: one page of changes after the other, until nothing is known to be missing. */
export class CatchUp {
  readonly #options: CatchUpOptions;
  readonly #running = new Set<string>();

  constructor(options: CatchUpOptions) {
    this.#options = options;
  }

  check(conversation: string): void {
    const timeline = this.#options.timelines.get(conversation);
    if (!timeline?.hasGap || this.#running.has(conversation)) return;
    this.#running.add(conversation);
    void this.#run(conversation, timeline).finally(() => this.#running.delete(conversation));
  }

  retry(): void {
    for (const conversation of this.#options.timelines.keys()) this.check(conversation);
  }

  async #run(conversation: string, timeline: Timeline): Promise<void> {
    for (let attempt = 0; timeline.hasGap && attempt < 60; ) {
      const before = timeline.applied;
      await this.#page(conversation, timeline);
      if (this.#options.stopsAfterOnePage) return;
      if (timeline.applied > before) continue;
      attempt += 1;
      await sleep(retryMs * (0.5 + Math.random()));
    }
  }

  async #page(conversation: string, timeline: Timeline): Promise<void> {
    const { device, person, history, onSeen } = this.#options;
    const askedAt = history.now();
    const after = timeline.applied;
    const body = await person.get(
      `/api/conversations/${conversation}/changes?after=${after}&limit=${pageSize}`,
    );
    if (!body) return;
    const { changes, headSeq } = body as { changes: readonly Change[]; headSeq: number };
    const messages = changes.map(
      ({ seq, message }): Seen => [seq, message.id, message.senderId, hashBody(message.body)],
    );
    timeline.heard(headSeq);
    for (const [seq] of messages) timeline.take(seq);
    const { applied } = timeline;
    history.write({ kind: "page", device, conversation, askedAt, after, headSeq, messages, applied });
    for (const [, id] of messages) onSeen(id);
  }
}
