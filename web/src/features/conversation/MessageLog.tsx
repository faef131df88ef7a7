import { type Ref, useEffect, useImperativeHandle, useLayoutEffect, useRef, useState } from "react";
import { Virtualizer, type VirtualizerHandle } from "virtua";
import { JumpToNewest } from "./JumpToNewest.tsx";
import { MessageRow } from "./MessageRow.tsx";
import type { Row } from "./rows.ts";
import { useIsLooking } from "./use-is-looking.ts";
import { useOneEnd } from "./use-one-end.ts";

export interface MessageLogHandle {
  jumpToNewest(): void;
}

interface MessageLogProps {
  readonly rows: readonly Row[];
  readonly me: string;
  readonly otherName: string;
  readonly hasOlder: boolean;
  readonly isLoadingOlder: boolean;
  /** Messages of the other that nobody has looked at. */
  readonly unread: number;
  readonly handle: Ref<MessageLogHandle>;
  loadOlder(): void;
  /** Everything up to this position has been on the screen, before somebody's eyes. */
  onSeen(seq: number): void;
  /** Somebody pressed the button that leads to the newest message, and it goes away. */
  onJumped(): void;
  onRemove(row: Row): void;
  onTakeBack(row: Row): void;
}

/** Pixels: this near to the end counts as being there; this near to the beginning asks for more. */
const nearEnd = 32;
const nearBeginning = 1_500;
const farFromEnd = 240;

/**
 * The messages, of which only those in view are in the page. Older ones are prepended without moving what one
 * looks at (virtua's `shift`); at the end the view stays at the end, whatever grows.
 */
export function MessageLog(props: MessageLogProps) {
  const { me, otherName, hasOlder, isLoadingOlder, unread, loadOlder, onSeen } = props;
  const { drawn: rows, isPrepending } = useOneEnd(props.rows);
  const viewport = useRef<HTMLDivElement>(null);
  const list = useRef<VirtualizerHandle>(null);
  const isAtEnd = useRef(true);
  const lastOffset = useRef(0);
  const hasPlaced = useRef(false);
  const [isFar, setFar] = useState(false);
  const isLooking = useIsLooking();

  const stayAtEnd = () => {
    if (isAtEnd.current && rows.length > 0) list.current?.scrollToIndex(rows.length - 1, { align: "end" });
  };

  function lookAround(): void {
    const handle = list.current;
    const element = viewport.current;
    if (!handle || !element || !hasPlaced.current) return;
    // Read from the page itself: after a resize the list hears of the scrolling before it hears of the size.
    const { scrollTop, clientHeight, scrollHeight } = element;
    const distance = scrollHeight - clientHeight - scrollTop;
    if (distance <= nearEnd) isAtEnd.current = true;
    setFar(!isAtEnd.current && (distance > farFromEnd || unread > 0));
    if (hasOlder && scrollTop < nearBeginning) loadOlder();
    if (!isLooking || clientHeight === 0) return;
    const isWhole = scrollHeight <= clientHeight;
    const lastVisible = isWhole ? rows.length - 1 : handle.findItemIndex(scrollTop + clientHeight - 1);
    // Only what is pending has no position, and it stands at the end.
    const seq = rows[lastVisible]?.seq ?? rows.findLast((row) => row.seq !== undefined)?.seq;
    if (seq !== undefined) onSeen(seq);
  }

  function onScroll(offset: number): void {
    // Only a move upwards leaves the end; measuring rows also scrolls, but downwards.
    if (offset < lastOffset.current - 1) isAtEnd.current = false;
    lastOffset.current = offset;
    lookAround();
  }

  const first = rows[0]?.key;
  const last = rows.at(-1)?.key;
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a new first or last row moves the view.
  useLayoutEffect(() => {
    if (rows.length === 0) return;
    if (hasPlaced.current) return stayAtEnd();
    hasPlaced.current = true;
    const newIndex = rows.findIndex(({ isFirstNew }) => isFirstNew);
    isAtEnd.current = newIndex < 0;
    if (newIndex >= 0) list.current?.scrollToIndex(newIndex, { align: "start", offset: -48 });
    else stayAtEnd();
  }, [first, last]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: what is in view may be new, or newly looked at.
  useEffect(() => {
    const timer = setTimeout(lookAround, 50);
    return () => clearTimeout(timer);
  }, [first, last, rows.at(-1)?.seq, isLooking, hasOlder]);

  function jumpToNewest(): void {
    isAtEnd.current = true;
    setFar(false);
    list.current?.scrollToIndex(rows.length - 1, { align: "end" });
  }
  useImperativeHandle(props.handle, () => ({ jumpToNewest }));

  return (
    <div className="relative min-h-0 flex-1 [--column:44rem]">
      <div
        ref={viewport}
        role="log"
        aria-label="Messages"
        aria-live="off"
        aria-busy={isLoadingOlder}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
        tabIndex={0}
        className="scroll-quiet flex h-full flex-col overflow-x-hidden overflow-y-auto outline-offset-[-2px] [overflow-anchor:none]"
      >
        <div className="grow" />
        <Virtualizer
          ref={list}
          scrollRef={viewport}
          data={rows}
          shift={isPrepending}
          bufferSize={1_400}
          onScroll={onScroll}
          onResize={() => {
            stayAtEnd();
            lookAround();
          }}
        >
          {(row, index) => (
            <MessageRow
              key={row.key}
              row={row}
              isFirst={index === 0 && !hasOlder}
              isOwn={row.senderId === me}
              otherName={otherName}
              onRemove={props.onRemove}
              onTakeBack={props.onTakeBack}
            />
          )}
        </Virtualizer>
      </div>
      {isLoadingOlder && (
        <p className="absolute top-2 left-14 text-2xs text-faint" aria-hidden="true">
          Loading older messages …
        </p>
      )}
      {isFar && (
        <JumpToNewest
          unread={unread}
          onJump={() => {
            jumpToNewest();
            props.onJumped();
          }}
        />
      )}
    </div>
  );
}
