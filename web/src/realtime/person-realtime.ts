import type { ChatClientFrame, ChatServerFrame } from "@gochat/contracts/sockets/chat";
import type { Api } from "../lib/api.ts";
import { randomUuid } from "../lib/uuid.ts";
import { chatFrameAction } from "../state/frames.ts";
import { loadConversations } from "../state/load-conversations.ts";
import { messageDiscarded, messageFailed, messageWritten } from "../state/messagesSlice.ts";
import type { Dispatch, RootState } from "../state/state.ts";
import { typingFaded } from "../state/typingSlice.ts";
import { type CatchUp, createCatchUp } from "./catch-up.ts";
import { createMending, type Mending } from "./mending.ts";
import { createOutbox, type Outbox } from "./outbox.ts";
import type { OutboxStore } from "./outbox-store.ts";
import { createReadPositions, type ReadPositions } from "./read-positions.ts";
import { createSocket, type ReconnectingSocket, type SocketOptions } from "./socket.ts";

type ChatReady = Extract<ChatServerFrame, { type: "ready" }>;

const typingEveryMs = 3_000;
const typingShownMs = 5_000;
/** A resume frame must fit into 64 KiB. */
const maximumHeads = 1_000;

export interface PersonRealtimeOptions {
  readonly userId: string;
  readonly api: Api;
  readonly dispatch: Dispatch;
  getState(): RootState;
  readonly store: OutboxStore;
  readonly onStatus: SocketOptions<ChatServerFrame>["onStatus"];
  readonly afterClose: SocketOptions<ChatServerFrame>["afterClose"];
  /** The socket belongs to somebody else: another tab has signed in with another account. */
  onForeign(): void;
}

/** What runs while somebody is signed in: the chat socket and all that lives on it. */
export interface PersonRealtime {
  readonly socket: ReconnectingSocket;
  readonly outbox: Outbox;
  readonly reads: ReadPositions;
  readonly catchUp: CatchUp;
  readonly mending: Mending;
  /** Asks for the heads of everything that moved unheard. */
  resume(): void;
  write(conversationId: string, to: string, body: string): void;
  tellTyping(conversationId: string): void;
  /** Someone else is typing: shown for five seconds unless it goes on. */
  showTyping(conversationId: string): void;
  stop(): void;
}

export function createPersonRealtime(options: PersonRealtimeOptions): PersonRealtime {
  const { userId, api, dispatch, getState } = options;
  const toldTypingAt = new Map<string, number>();
  const typingTimers = new Map<string, ReturnType<typeof setTimeout>>();
  let hasBeenReady = false;

  const send = (frame: ChatClientFrame) => socket.send(frame);
  const catchUp = createCatchUp({ api, dispatch, getState });
  const mending = createMending({ dispatch, getState });
  const reads = createReadPositions(send);
  const outbox = createOutbox({
    userId,
    store: options.store,
    send,
    onStale: () => socket.restart(),
    onWritten: ({ id, conversationId, body, writtenAt }) =>
      dispatch(
        messageWritten({
          conversationId,
          pending: { id, senderId: userId, body, writtenAt, state: "sending" },
        }),
      ),
    onFailed: ({ id, conversationId }, reason) => dispatch(messageFailed({ conversationId, id, reason })),
    onGone: (conversationId, id) => dispatch(messageDiscarded({ conversationId, id })),
  });

  const socket = createSocket<ChatServerFrame>({
    path: "/ws/chat",
    afterClose: options.afterClose,
    onStatus(status) {
      options.onStatus(status);
      if (status === "closed") outbox.connectionChanged(false);
    },
    onReady,
    onFrame(frame) {
      const action = chatFrameAction(frame);
      if (action) dispatch(action);
    },
  });

  function onReady(ready: ChatReady): void {
    if (ready.userId !== userId) return options.onForeign();
    resume();
    reads.reconnected();
    outbox.connectionChanged(true);
    // Conversations that began while this device was away are only in the list.
    if (hasBeenReady) void dispatch(loadConversations("again"));
    hasBeenReady = true;
  }

  function resume(): void {
    const logs = Object.entries(getState().messages.byConversation).filter(([, { applied }]) => applied >= 0);
    const heads = Object.fromEntries(logs.slice(-maximumHeads).map(([id, { applied }]) => [id, applied]));
    send({ type: "resume", heads });
  }

  return {
    socket,
    outbox,
    reads,
    catchUp,
    mending,
    resume,
    write(conversationId, to, body) {
      toldTypingAt.delete(conversationId);
      outbox.write({ id: randomUuid(), userId, to, conversationId, body, writtenAt: Date.now() });
    },
    tellTyping(conversationId) {
      const now = Date.now();
      if (now - (toldTypingAt.get(conversationId) ?? 0) < typingEveryMs) return;
      toldTypingAt.set(conversationId, now);
      send({ type: "typing", conversationId });
    },
    showTyping(conversationId) {
      clearTimeout(typingTimers.get(conversationId));
      typingTimers.set(
        conversationId,
        setTimeout(() => dispatch(typingFaded(conversationId)), typingShownMs),
      );
    },
    stop() {
      for (const timer of typingTimers.values()) clearTimeout(timer);
      socket.stop();
      outbox.stop();
      reads.stop();
      catchUp.stop();
    },
  };
}
