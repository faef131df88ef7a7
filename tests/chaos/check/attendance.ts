import type { Entry } from "../history.ts";

/** So long somebody who left may be shown as online: a lease of 30 s, and the time until somebody looks. */
export const falselyOnlineMs = 35_000;
export const falselyOfflineMs = 15_000;
/** For what is measured at two ends. */
export const slackMs = 1_000;

export interface Person {
  /** Devices with an open notification socket. */
  readonly sockets: Set<string>;
  /** Since when somebody is steadily there, or steadily not. */
  since: number;
  line: number;
}

type Moved = Pick<Extract<Entry, { kind: "opened" | "closed" }>, "kind" | "device">;

/** Who is there, by the notification sockets that people really had open. */
export class Attendance {
  readonly #people = new Map<string, Person>();

  of(id: string): Person {
    const person = this.#people.get(id) ?? { sockets: new Set(), since: 0, line: 0 };
    this.#people.set(id, person);
    return person;
  }

  /** A notification socket of this person opened or closed. */
  move(id: string, { kind, device }: Moved, now: number, line: number): void {
    const person = this.of(id);
    const wasOnline = person.sockets.size > 0;
    if (kind === "opened") person.sockets.add(device);
    else person.sockets.delete(device);
    if (wasOnline === person.sockets.size > 0) return;
    person.since = now;
    person.line = line;
  }
}
