import { setTimeout as sleep } from "node:timers/promises";
import type { HistoryWriter } from "../history-file.ts";
import type { DrivenPerson } from "./person.ts";
import type { Random } from "./random.ts";
import { DrivenSocket, type Frame } from "./socket.ts";
import { writeFrame } from "./write-frame.ts";

interface OnlineOptions {
  readonly device: string;
  readonly person: DrivenPerson;
  readonly people: ReadonlySet<string>;
  readonly history: HistoryWriter;
  readonly random: Random;
  address(): { url: string; origin: string };
}

type Status = "online" | "offline" | "unknown";

/** The notification socket of a device: it makes its person online, and watches everybody else. */
export class Online {
  readonly #options: OnlineOptions;
  readonly socket: DrivenSocket;
  /** When a frame last spoke of somebody: newer than a directory that was asked for before. */
  #spokenOf = new Map<string, number>();

  constructor(options: OnlineOptions) {
    this.#options = options;
    const { device, person, history, random, address } = options;
    this.socket = new DrivenSocket({
      kind: "online",
      device,
      history,
      random,
      address: () => ({ ...address(), cookie: person.cookie }),
      onReady: () => {
        this.#spokenOf = new Map();
        void this.look();
      },
      onFrame: (frame) => this.#receive(frame),
      onUnauthenticated: () => person.refresh(),
    });
  }

  #receive(frame: Frame): void {
    if (frame.type === "user.online" || frame.type === "user.offline") {
      this.#spokenOf.set(frame.userId, this.#options.history.now());
      this.#learn(frame.userId, frame.type === "user.online" ? "online" : "offline");
    } else if (frame.type === "reconnect") {
      void sleep(frame.afterMs).then(() => this.socket.drop());
    } else {
      writeFrame(this.#options.history, "online", this.#options.device, frame);
    }
  }

  /** Reads the directory now, if it is there. */
  async look(): Promise<void> {
    if (this.socket.isOpen) await this.#readDirectory(this.socket.connection);
  }

  /** Writes down what the directory says of everybody now, or that it says nothing. */
  async judgeDirectory(): Promise<void> {
    const { history, device, person } = this.#options;
    const askedAt = history.now();
    const people: Record<string, Status> = {};
    for (let cursor = ""; ; ) {
      const page = await person.get(`/api/users?limit=100${cursor}`);
      if (!page) return history.write({ kind: "directory", device, askedAt });
      for (const { id, status } of page.users as { id: string; status: Status }[]) people[id] = status;
      if (!page.nextCursor) break;
      cursor = `&cursor=${page.nextCursor}`;
    }
    history.write({ kind: "directory", device, askedAt, people });
  }

  async #readDirectory(connection: number): Promise<void> {
    const askedAt = this.#options.history.now();
    for (let cursor = "", attempt = 0; attempt < 30; attempt++) {
      const page = await this.#options.person.get(`/api/users?limit=100${cursor}`);
      if (!this.socket.isOpen || this.socket.connection !== connection) return;
      if (!page) {
        await sleep(500);
        continue;
      }
      for (const { id, status } of page.users as { id: string; status: Status }[]) {
        if ((this.#spokenOf.get(id) ?? -1) < askedAt) this.#learn(id, status);
      }
      if (!page.nextCursor) return;
      cursor = `&cursor=${page.nextCursor}`;
    }
  }

  #learn(person: string, status: Status): void {
    const { history, device, people } = this.#options;
    if (people.has(person)) history.write({ kind: "presence", device, person, status });
  }
}
