import { directConversationId, otherMember, partitionOf } from "@gochat/contracts/conversation-id";
import type { ChatServerFrame } from "@gochat/contracts/sockets/chat";
import type { Connection } from "@gochat/runtime/socket-server";
import type { NodeLoad, Refusal } from "./node-load.ts";
import { SendWindow } from "./send-window.ts";

/** Where a socket sends to; kept, since it mostly sends to the same person again. */
export interface Destination {
  readonly conversationId: string;
  readonly recipientId: string;
  readonly partition: number;
}

/** What is remembered of one socket that has sent something. */
export class SocketState {
  readonly connection: Connection<ChatServerFrame>;
  readonly window: SendWindow;
  readonly #userId: string;
  readonly #partitions: number;
  #last: Destination | undefined;
  #isAsking = false;

  constructor(connection: Connection<ChatServerFrame>, userId: string, load: NodeLoad, partitions: number) {
    this.#partitions = partitions;
    this.connection = connection;
    this.#userId = userId;
    this.window = new SendWindow(load);
  }

  /** Refuses a message for now. The window learns when that has arrived; see `whenReceived`. */
  refuse(id: string, { code, detail, retryAfterMs }: Refusal): void {
    this.connection.send({ type: "message.rejected", id, code, detail, retryAfterMs });
    if (!this.#isAsking) this.#ask();
  }

  /** One question at a time, so that a flood of refusals is not one of pings. */
  #ask(): void {
    const { lastRefusal, lastHeard } = this.window;
    this.#isAsking = lastHeard < lastRefusal;
    if (!this.#isAsking) return;
    this.connection.whenReceived(() => {
      this.window.heard(lastRefusal);
      this.#ask();
    });
  }

  toPerson(recipientId: string): Destination {
    if (this.#last?.recipientId === recipientId) return this.#last;
    return this.#to(directConversationId(this.#userId, recipientId), recipientId);
  }

  toConversation(conversationId: string): Destination {
    if (this.#last?.conversationId === conversationId) return this.#last;
    return this.#to(conversationId, otherMember(conversationId, this.#userId));
  }

  #to(conversationId: string, recipientId: string): Destination {
    this.#last = { conversationId, recipientId, partition: partitionOf(conversationId, this.#partitions) };
    return this.#last;
  }
}

/** The sockets of this node by their id. One that only listens has no state: ten thousand of them cost nothing. */
export class SocketStates {
  readonly #load: NodeLoad;
  readonly #partitions: number;
  readonly #byId = new Map<string, SocketState>();

  constructor(load: NodeLoad, partitions: number) {
    this.#load = load;
    this.#partitions = partitions;
  }

  of(connection: Connection<ChatServerFrame>): SocketState {
    const known = this.#byId.get(connection.id);
    if (known) return known;
    const state = new SocketState(connection, connection.identity!.userId, this.#load, this.#partitions);
    this.#byId.set(connection.id, state);
    return state;
  }

  get(socketId: string): SocketState | undefined {
    return this.#byId.get(socketId);
  }

  closed(connection: Connection): void {
    this.#byId.get(connection.id)?.window.close();
    this.#byId.delete(connection.id);
  }

  /** The queue of this node was lost, and answers in it. */
  expectNoAnswers(): void {
    for (const { window } of this.#byId.values()) window.expectNoAnswers();
  }

  forgetOld(now: number): void {
    for (const { window } of this.#byId.values()) window.forgetOld(now);
  }
}
