import { closeCodes } from "@gochat/contracts/sockets/close-codes";
import type { NotificationsServerFrame } from "@gochat/contracts/sockets/notifications";
import type { UnknownAction } from "@reduxjs/toolkit";
import type { Api } from "../lib/api.ts";
import { forgetDrafts } from "../lib/drafts.ts";
import { networkChanged } from "../state/connectionSlice.ts";
import { notificationsFrameAction } from "../state/frames.ts";
import { loadNotifications } from "../state/load-notifications.ts";
import { refreshPeople } from "../state/load-people.ts";
import { sessionEnded, sessionStarted } from "../state/sessionSlice.ts";
import type { Dispatch, RootState } from "../state/state.ts";
import { createOutboxStore } from "./outbox-store.ts";
import { listenToPage } from "./page-events.ts";
import { createPersonRealtime, type PersonRealtime } from "./person-realtime.ts";
import { createReactions } from "./reactions.ts";
import { findSession } from "./session-boot.ts";
import type { SessionKeeper } from "./session-keeper.ts";
import { createSocket } from "./socket.ts";
import { createTroubleWatch } from "./trouble.ts";
import { createUnlisted } from "./unlisted.ts";
import { createWantedPeople } from "./wanted-people.ts";

export interface RealtimeOptions {
  readonly dispatch: Dispatch;
  getState(): RootState;
  readonly api: Api;
  readonly keeper: SessionKeeper;
}

/** What the screens ask of the sockets. */
export interface Realtime {
  /** Finds out who is here and connects; once, when the page starts. */
  start(): void;
  /** To be called after every action. */
  react(action: UnknownAction): void;
  /** Sends a message now, or as soon as there is a connection. */
  write(conversationId: string, to: string, body: string): void;
  /** Takes back a message that is not stored. */
  withdraw(conversationId: string, id: string): void;
  tellTyping(conversationId: string): void;
  /** Somebody waits for the connection: tries now where it is away. */
  retryNow(): void;
  /** Somebody's status is shown and nobody has told it yet. */
  wantPerson(userId: string): void;
  /** Somebody signed in or out in this tab: the other tabs have to look. */
  tellOtherTabs(): void;
  /** Forgets unsent messages and drafts, for a sign-out by hand. */
  forgetUnsent(userId: string): Promise<void>;
}

/** However much one types or clicks, a server that is down is asked no more often than this. */
const eagerEveryMs = 1_000;

/** The one place that ties sockets, session and store together; it lives as long as the page. */
export function createRealtime({ dispatch, getState, api, keeper }: RealtimeOptions): Realtime {
  const store = createOutboxStore();
  const tabs = new BroadcastChannel("gochat-session");
  const trouble = createTroubleWatch(dispatch, getState);
  const wanted = createWantedPeople(dispatch, getState);
  const unlisted = createUnlisted(dispatch);
  let person: PersonRealtime | undefined;
  let hasBeenReady = false;
  let eagerAt = 0;

  const look = () => void findSession(api, dispatch, getState);

  /** Whatever closed the socket: an ended session is found out here, and a living one is not asked to sign in. */
  async function afterClose(code: number): Promise<"now" | "later" | "never"> {
    if (getState().session.status !== "person" || !navigator.onLine) return "later";
    if (code === closeCodes.sessionEnded) {
      const renewal = await keeper.renew();
      if (renewal === "ended") endSession();
      return renewal === "renewed" ? "now" : "later";
    }
    // An upgrade that was refused for want of a token looks like a dead network; asking renews the token.
    await api.currentUser().catch(() => undefined);
    return "later";
  }

  function endSession(): void {
    if (getState().session.status === "person") dispatch(sessionEnded("expired"));
  }

  const notifications = createSocket<NotificationsServerFrame>({
    path: "/ws/notifications",
    onStatus: trouble.statusOf("notifications"),
    afterClose,
    onReady({ guest }) {
      const isPerson = getState().session.status === "person";
      if (guest && isPerson) return renewAndReconnect();
      if (!guest && !isPerson) return look();
      if (hasBeenReady) {
        // What changed meanwhile was said to nobody.
        void dispatch(refreshPeople());
        wanted.refresh();
        if (isPerson) void dispatch(loadNotifications("first"));
      }
      hasBeenReady = true;
    },
    onFrame(frame) {
      const action = notificationsFrameAction(frame);
      if (action) dispatch(action);
    },
  });

  function renewAndReconnect(): void {
    void keeper.renew().then((renewal) => {
      if (renewal === "ended") endSession();
      else notifications.lose();
    });
  }

  const reactToData = createReactions({
    getState,
    person: () => person,
    onUnlistedPerson: unlisted.personSeen,
    onUnlistedHead: unlisted.headSeen,
    onUncertainUnread: unlisted.unreadUncertain,
  });

  function startPerson(userId: string): void {
    person?.stop();
    person = createPersonRealtime({
      userId,
      api,
      dispatch,
      getState,
      store,
      onStatus: trouble.statusOf("chat"),
      afterClose,
      onForeign: look,
    });
    person.socket.start();
    notifications.restart();
    notifications.start();
  }

  function stopPerson(): void {
    person?.stop();
    person = undefined;
    unlisted.stop();
    notifications.restart();
    notifications.start();
  }

  function retryNow(): void {
    const { chat, notifications: other } = getState().connection;
    if ((chat === "open" || !person) && other === "open") return;
    if (Date.now() - eagerAt < eagerEveryMs) return;
    eagerAt = Date.now();
    notifications.retryNow();
    person?.socket.retryNow();
  }

  function start(): void {
    tabs.onmessage = look;
    listenToPage({
      onNetwork(isOnline) {
        dispatch(networkChanged(isOnline));
        for (const socket of [notifications, person?.socket]) {
          if (isOnline) socket?.retryNow();
          else socket?.lose();
        }
      },
      onFocus: retryNow,
      onVisible() {
        if (person) void keeper.renewIfOld();
        notifications.retryNow();
        person?.socket.retryNow();
        person?.resume();
      },
      onEveryMinute() {
        if (person) void keeper.renewIfOld();
      },
    });
    look();
  }

  return {
    start,
    react(action) {
      if (sessionStarted.match(action)) startPerson(action.payload.id);
      else if (sessionEnded.match(action)) stopPerson();
      else reactToData(action);
    },
    write(conversationId, to, body) {
      retryNow();
      person?.write(conversationId, to, body);
    },
    withdraw: (conversationId, id) => person?.outbox.withdraw(conversationId, id),
    tellTyping(conversationId) {
      retryNow();
      person?.tellTyping(conversationId);
    },
    retryNow,
    wantPerson: wanted.want,
    tellOtherTabs: () => tabs.postMessage("look"),
    forgetUnsent(userId) {
      forgetDrafts(userId);
      return store.clear(userId);
    },
  };
}
