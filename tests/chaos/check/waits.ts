import type { Entry } from "../history.ts";

interface Outstanding {
  readonly conversation: string;
  readonly device: string;
  /** The first attempt on this connection. */
  readonly t: number;
  readonly line: number;
}

export interface Wait {
  /** A conversation or a device. */
  readonly who: string;
  readonly since: number;
  /** Of the send that nobody has answered. */
  readonly line: number;
}

/**
 * Which conversations and which devices wait for their first acknowledgement since a fault was healed: those with an
 * unanswered send on a connection that is there. Who has none waits for the network, and sends again with a new one.
 */
export class Waits {
  /** Id → the send, of devices that are connected. */
  readonly #outstanding = new Map<string, Outstanding>();
  readonly #waiting = new Map<string, Wait>();
  readonly #answered = new Set<string>();
  #startedAt: number | undefined;

  /** A fault was healed. */
  start(t: number): void {
    this.stop();
    this.#startedAt = t;
    for (const send of this.#outstanding.values()) this.#wait(send);
  }

  stop(): void {
    this.#startedAt = undefined;
    this.#waiting.clear();
    this.#answered.clear();
  }

  all(): readonly Wait[] {
    return [...this.#waiting.values()];
  }

  sent({ id, conversation, device, t }: Extract<Entry, { kind: "sent" }>, line: number): void {
    const send = this.#outstanding.get(id) ?? { conversation, device, t, line };
    this.#outstanding.set(id, send);
    this.#wait(send);
  }

  /** The connection is gone, and what was sent on it must be sent again. Answers whose wait ends, or counts from later. */
  lost(device: string): readonly Wait[] {
    for (const [id, send] of this.#outstanding) if (send.device === device) this.#outstanding.delete(id);
    const before = this.all();
    this.#waiting.clear();
    for (const send of this.#outstanding.values()) this.#wait(send);
    return before.filter(({ who, since }) => this.#waiting.get(who)?.since !== since);
  }

  /** Answers whose wait is over with it. */
  answered(id: string): readonly Wait[] {
    const send = this.#outstanding.get(id);
    this.#outstanding.delete(id);
    if (!send || this.#startedAt === undefined) return [];
    return whoWaits(send).flatMap((who) => {
      const wait = this.#waiting.get(who);
      this.#waiting.delete(who);
      this.#answered.add(who);
      return wait ? [wait] : [];
    });
  }

  #wait(send: Outstanding): void {
    if (this.#startedAt === undefined) return;
    const since = Math.max(this.#startedAt, send.t);
    for (const who of whoWaits(send)) {
      if (this.#answered.has(who) || this.#waiting.has(who)) continue;
      this.#waiting.set(who, { who, since, line: send.line });
    }
  }
}

function whoWaits({ conversation, device }: Outstanding): readonly string[] {
  return [`conversation ${conversation}`, `device ${device}`];
}
