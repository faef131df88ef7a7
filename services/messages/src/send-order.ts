import type { MessageSent } from "@gochat/contracts/events/message-events";

type Sender = Pick<MessageSent, "node" | "socket">;

/** Twice as many are remembered at most. Ten nodes of chat have as many unanswered when they are full. */
const defaultGenerationSize = 40_000;

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
  #young = new Places();
  #old = new Places();

  constructor(generationSize = defaultGenerationSize) {
    this.#generationSize = generationSize;
  }

  /** Those of a batch whose predecessor was not dealt with and is not ahead of them in the batch either. */
  early(events: readonly MessageSent[]): ReadonlySet<MessageSent> {
    const early = new Set<MessageSent>();
    const ahead = new Places();
    for (const event of events) {
      const { place, after } = event;
      if (after !== undefined && !ahead.has(event, after) && !this.#has(event, after)) early.add(event);
      else if (place !== undefined) ahead.add(event, place);
    }
    return early;
  }

  /** It was stored or refused for good, and was not early. */
  settle(event: MessageSent): void {
    if (event.place === undefined) return;
    this.#young.add(event, event.place);
    if (this.#young.size < this.#generationSize) return;
    this.#old = this.#young;
    this.#young = new Places();
  }

  #has(sender: Sender, place: number): boolean {
    return this.#young.has(sender, place) || this.#old.has(sender, place);
  }
}

/** Places by node and socket: two look-ups cost less than one by a text made of both, for every message. */
class Places {
  readonly #byNode = new Map<string, Map<string, Set<number>>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has({ node, socket }: Sender, place: number): boolean {
    return this.#byNode.get(node)?.get(socket)?.has(place) ?? false;
  }

  add({ node, socket }: Sender, place: number): void {
    const sockets = this.#byNode.getOrInsertComputed(node, () => new Map<string, Set<number>>());
    const places = sockets.getOrInsertComputed(socket, () => new Set<number>());
    if (places.has(place)) return;
    places.add(place);
    this.#size += 1;
  }
}
