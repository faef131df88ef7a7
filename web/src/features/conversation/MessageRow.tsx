import { memo } from "react";
import { splitLinks } from "../../lib/links.ts";
import { isOnlyEmoji } from "../../lib/text.ts";
import { clock, dayLabel, fullTime } from "../../lib/time.ts";
import { Button } from "../../ui/Button.tsx";
import { DeliveryMark } from "../../ui/DeliveryMark.tsx";
import { Node } from "../../ui/Node.tsx";
import type { Row } from "./rows.ts";

interface MessageRowProps {
  readonly row: Row;
  readonly isFirst: boolean;
  readonly isOwn: boolean;
  readonly otherName: string;
  onRemove(row: Row): void;
  onTakeBack(row: Row): void;
}

/** A message on the thread, with what stands above it: a new day, the line of what is new, the head of a group. */
export const MessageRow = memo(
  function MessageRow({ row, isFirst, isOwn, otherName, onRemove, onTakeBack }: MessageRowProps) {
    const isCertain = row.seq !== undefined || row.state === "sent";
    return (
      <div className="relative">
        <span
          className={`thread left-[1.84rem] ${isCertain ? "" : "thread-dotted"} ${isFirst ? "top-10" : ""}`}
          aria-hidden="true"
        />
        {row.startsDay && <DayTick label={dayLabel(row.time, Date.now())} />}
        {row.isFirstNew && <NewLine />}
        {row.startsGroup && <GroupHead row={row} isOwn={isOwn} name={isOwn ? "You" : otherName} />}
        <div
          data-seq={row.seq}
          data-state={row.state}
          data-message-id={row.id}
          className="relative flex items-end gap-2 py-0.5 pr-4 pl-14"
        >
          {!row.startsGroup && <span className="sr-only">{`${isOwn ? "You" : otherName}: `}</span>}
          <p
            title={fullTime(row.time)}
            className={`max-w-[34rem] min-w-0 wrap-anywhere whitespace-pre-wrap ${isOnlyEmoji(row.body) ? "text-4xl leading-12" : "leading-6"} ${isOwn ? "-ml-3 rounded-2xl bg-tint px-3 py-1.5" : "py-1"} ${row.state === "failed" ? "bg-transparent outline-1 -outline-offset-1 outline-rust outline-dashed" : ""}`}
          >
            <Text body={row.body} />
          </p>
          {row.state && (
            <span className="shrink-0 pb-2">
              <DeliveryMark state={row.state} inWords={row.isLastOwn} />
            </span>
          )}
          {row.isReadUpTo && <ReaderNode name={otherName} />}
        </div>
        {row.state === "failed" && (
          <p role="alert" className="flex flex-wrap gap-x-4 pr-4 pb-1 pl-14 text-sm text-rust">
            <span>Not sent. {row.reason}</span>
            <Button look="quiet" onClick={() => onTakeBack(row)}>
              Edit again
            </Button>
            <Button look="quiet" onClick={() => onRemove(row)}>
              Remove
            </Button>
          </p>
        )}
      </div>
    );
  },
  (before, after) =>
    before.isFirst === after.isFirst &&
    before.otherName === after.otherName &&
    isSameRow(before.row, after.row),
);

/** Mostly it is the very same; where older messages come before it, it is built anew and says the same. */
function isSameRow(before: Row, after: Row): boolean {
  if (before === after) return true;
  const names = Object.keys(after) as (keyof Row)[];
  return names.every((name) => before[name] === after[name]) && Object.keys(before).length === names.length;
}

/** A tick on the thread, as on a ruler. */
function DayTick({ label }: { label: string }) {
  return (
    <div className="flex items-center gap-3 pt-6 pb-2 pl-[1.84rem]">
      <span className="w-4 border-t border-thread" aria-hidden="true" />
      <h2 className="text-2xs font-semibold tracking-wide text-faint">{label}</h2>
    </div>
  );
}

function NewLine() {
  return (
    <div data-new className="flex max-w-[44rem] items-center gap-3 pt-4 pb-1 pl-[1.84rem] text-pine">
      <span className="flex-1 border-t border-pine" aria-hidden="true" />
      <span className="pr-4 text-2xs font-semibold tracking-wide">New</span>
    </div>
  );
}

function GroupHead({ row, isOwn, name }: { row: Row; isOwn: boolean; name: string }) {
  const isPending = row.seq === undefined && row.state !== "sent";
  return (
    <div className="relative flex items-baseline gap-2 pt-3.5 pr-4 pb-0.5 pl-14">
      <span className="absolute top-[1.22rem] left-[1.5rem] bg-paper py-0.5">
        <Node
          kind={isPending ? "dotted" : "filled"}
          className={isPending ? "text-faint" : isOwn ? "text-pine" : "text-ink"}
        />
      </span>
      <span className={`min-w-0 truncate text-sm font-semibold ${isOwn ? "text-pine" : "text-ink"}`}>
        {name}
      </span>
      <time className="shrink-0 text-2xs text-faint" dateTime={new Date(row.time).toISOString()}>
        {clock(row.time)}
      </time>
    </div>
  );
}

/** The reader's node: as far down the thread as the other person has read. */
function ReaderNode({ name }: { name: string }) {
  return (
    <span
      className="animate-settle absolute bottom-[0.8rem] left-[1.62rem]"
      title={`${name} has read up to here`}
      aria-hidden="true"
    >
      <Node kind="filled" size={7} className="text-pine" />
    </span>
  );
}

function Text({ body }: { body: string }) {
  return splitLinks(body).map(({ text, href }, index) =>
    href ? (
      <a
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text never change places.
        key={index}
        href={href}
        target="_blank"
        rel="noopener noreferrer nofollow"
        className="rounded text-pine underline decoration-1 underline-offset-2 hover:text-pine-deep"
      >
        {text}
      </a>
    ) : (
      text
    ),
  );
}
