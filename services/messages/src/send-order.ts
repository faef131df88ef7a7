import type { MessageSent } from "@gochat/contracts/events/message-events";

type Place = Pick<MessageSent, "node" | "socket">;

/** Twice as many are remembered at most: more than all nodes of a large installation have unanswered. */
const defaultGenerationSize = 20_000;

/**
 * Keeps what one socket sent into a conversation in the order sent, where a message is lost on its way here. Each names
 * the place of the unanswered one ahead of it, and is dealt with only after that one was: stored, or refused for good.
 * Otherwise it is early, and must be sent again.
 *
 * Only the places that this process itself has lately dealt with count. That an id is in the log says nothing: it may
 * be there since long ago, sent again, with a new one lost ahead of it. Where another process took over, or more was
 * forgotten than should be, the sender is told once to send again.
 */
export class SendOrder {
  readonly #generationSize: number;
  #young = new Set<string>();
  #old = new Set<string>();

  constructor(generationSize = defaultGenerationSize) {
    this.#generationSize = generationSize;
  }

  /** Those of a batch whose predecessor was not dealt with and is not ahead of them in the batch either. */
  early(events: readonly MessageSent[]): ReadonlySet<MessageSent> {
    const early = new Set<MessageSent>();
    const ahead = new Set<string>();
    for (const event of events) {
      const { place, after } = event;
      const before = after === undefined ? undefined : key(event, after);
      if (before !== undefined && !ahead.has(before) && !this.#has(before)) early.add(event);
      else if (place !== undefined) ahead.add(key(event, place));
    }
    return early;
  }

  /** It was stored or refused for good, and was not early. */
  settle(event: MessageSent): void {
    if (event.place === undefined) return;
    this.#young.add(key(event, event.place));
    if (this.#young.size < this.#generationSize) return;
    this.#old = this.#young;
    this.#young = new Set();
  }

  #has(place: string): boolean {
    return this.#young.has(place) || this.#old.has(place);
  }
}

function key({ node, socket }: Place, place: number): string {
  return `${node} ${socket} ${place}`;
}
