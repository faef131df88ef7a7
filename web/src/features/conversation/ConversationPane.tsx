import { useCallback, useEffect, useRef, useState } from "react";
import { Link } from "wouter";
import { hasFinePointer } from "../../lib/pointer.ts";
import { useClient } from "../../realtime/client-context.ts";
import { readHere } from "../../state/conversationsSlice.ts";
import { loadPerson } from "../../state/load-people.ts";
import { selectLog, selectMe, selectOther, selectReadSeq, selectUnread } from "../../state/selectors.ts";
import { useAppDispatch, useAppSelector } from "../../state/state.ts";
import { buttonLook } from "../../ui/Button.tsx";
import { EmptyState } from "../../ui/EmptyState.tsx";
import { Announcer } from "./Announcer.tsx";
import { Composer, useDraft } from "./Composer.tsx";
import { ConversationHeader } from "./ConversationHeader.tsx";
import { MessageLog, type MessageLogHandle } from "./MessageLog.tsx";
import type { Row } from "./rows.ts";
import { TypingLine } from "./TypingLine.tsx";
import { useHistory } from "./use-history.ts";
import { useNewAfter } from "./use-new-after.ts";
import { useRows } from "./use-rows.ts";

/** One conversation. Mount it anew for another one: `key={conversationId}`. */
export function ConversationPane({ conversationId }: { conversationId: string }) {
  const { realtime } = useClient();
  const dispatch = useAppDispatch();
  const me = useAppSelector(selectMe);
  const otherId = useAppSelector((state) => selectOther(state, conversationId).id);
  const username = useAppSelector((state) => selectOther(state, conversationId).username);
  const log = useAppSelector((state) => selectLog(state, conversationId));
  const readByOther = useAppSelector((state) => selectReadSeq(state, conversationId, otherId));
  const readByMe = useAppSelector((state) => selectReadSeq(state, conversationId, me));
  const unread = useAppSelector((state) => selectUnread(state, conversationId));
  const isTyping = useAppSelector((state) => state.typing[conversationId] === otherId);
  const history = useHistory(conversationId);
  const { newAfter, forget } = useNewAfter(history.status === "ready", readByMe, unread, log.applied);
  const [text, setText] = useDraft(conversationId);
  const input = useRef<HTMLTextAreaElement>(null);
  const messageLog = useRef<MessageLogHandle>(null);
  const isNobody = useIsNobody(otherId, username);
  const name = username ?? "…";

  const isReady = history.status !== "loading" && newAfter !== undefined;
  const rows = useRows({ log, me, readByOther, newAfter: isReady ? newAfter : undefined });

  // Writing is what one comes for.
  const focusInput = useCallback(() => {
    if (hasFinePointer()) input.current?.focus();
  }, []);
  useEffect(focusInput, [focusInput]);

  const onSeen = (seq: number) => {
    if (seq <= readByMe) return;
    const isNew = log.messages.findLast((message) => message.senderId !== me && message.seq <= seq);
    if (isNew && isNew.seq > readByMe) dispatch(readHere({ conversationId, userId: me, seq }));
  };
  const onRemove = useCallback(
    ({ id }: Row) => realtime.withdraw(conversationId, id),
    [realtime, conversationId],
  );
  const onTakeBack = useCallback(
    ({ id, body }: Row) => {
      realtime.withdraw(conversationId, id);
      setText((begun) => (begun.trim() === "" ? body : `${begun}\n${body}`));
      input.current?.focus();
    },
    [realtime, conversationId, setText],
  );

  if (isNobody) {
    return (
      <EmptyState title="There is nobody behind this address">
        It may be mistyped.{" "}
        <Link href="/people" className={buttonLook("quiet")}>
          See who is here
        </Link>
      </EmptyState>
    );
  }
  return (
    <div className="flex h-full min-h-0 flex-col">
      <ConversationHeader conversationId={conversationId} otherId={otherId} otherName={name} />
      {isReady && rows.length === 0 ? (
        <Beginning name={name} hasFailed={history.status === "failed"} />
      ) : (
        <MessageLog
          handle={messageLog}
          rows={rows}
          me={me}
          otherName={name}
          hasOlder={log.from > 1}
          isLoadingOlder={history.isLoadingOlder}
          unread={unread}
          loadOlder={history.loadOlder}
          onSeen={onSeen}
          onJumped={focusInput}
          onRemove={onRemove}
          onTakeBack={onTakeBack}
        />
      )}
      <Announcer messages={log.messages} me={me} name={name} />
      <TypingLine name={name} isTyping={isTyping} />
      <Composer
        conversationId={conversationId}
        otherId={otherId}
        otherName={name}
        inputRef={input}
        text={text}
        setText={setText}
        onSend={() => {
          forget();
          messageLog.current?.jumpToNewest();
        }}
      />
    </div>
  );
}

function Beginning({ name, hasFailed }: { name: string; hasFailed: boolean }) {
  return (
    <div role="log" aria-label="Messages" className="flex min-h-0 flex-1 flex-col justify-end">
      {hasFailed ? (
        <EmptyState title="The messages could not be loaded">
          They come as soon as there is a connection.
        </EmptyState>
      ) : (
        <EmptyState title={`The line to ${name} is open`}>
          Write the first message: it is shown to the two of you.
        </EmptyState>
      )}
    </div>
  );
}

/** Whether the server knows nobody of this id. */
function useIsNobody(otherId: string, username: string | undefined): boolean {
  const dispatch = useAppDispatch();
  const [hasAsked, setAsked] = useState(false);
  const isOnline = useAppSelector((state) => state.connection.isOnline && !state.connection.isTroubled);
  useEffect(() => {
    void dispatch(loadPerson(otherId)).then(() => setAsked(true));
  }, [dispatch, otherId]);
  return hasAsked && isOnline && username === undefined;
}
