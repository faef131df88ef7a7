import type { ReactNode } from "react";
import { Node } from "./Node.tsx";

/** Nothing here yet: a loose end of the thread, and what to do about it. */
export function EmptyState({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="relative py-6 pr-6 pl-14">
      <span className="thread thread-dotted left-[1.84rem] h-9" aria-hidden="true" />
      <Node kind="dotted" className="absolute top-8 left-6 text-faint" />
      <p className="font-medium text-ink">{title}</p>
      <div className="mt-1 max-w-sm text-soft">{children}</div>
    </div>
  );
}
