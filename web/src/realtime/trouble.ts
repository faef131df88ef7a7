import { type SocketStatus, socketChanged, troubleChanged } from "../state/connectionSlice.ts";
import type { Dispatch, RootState } from "../state/state.ts";

/** Breaks shorter than this are not worth a word. */
const troubleAfterMs = 2_000;

/** Follows the sockets and says when a break has become long enough to be shown. */
export function createTroubleWatch(dispatch: Dispatch, getState: () => RootState) {
  let timer: ReturnType<typeof setTimeout> | undefined;

  function isWhole(): boolean {
    const { connection, session } = getState();
    return connection.notifications === "open" && (session.status !== "person" || connection.chat === "open");
  }

  function look(): void {
    if (isWhole()) {
      clearTimeout(timer);
      timer = undefined;
      if (getState().connection.isTroubled) dispatch(troubleChanged(false));
    } else {
      timer ??= setTimeout(() => {
        timer = undefined;
        if (!isWhole()) dispatch(troubleChanged(true));
      }, troubleAfterMs);
    }
  }

  return {
    look,
    statusOf: (socket: "chat" | "notifications") => (status: SocketStatus) => {
      dispatch(socketChanged({ socket, status }));
      look();
    },
  };
}
