import { useLayoutEffect, useReducer, useRef } from "react";
import type { Row } from "./rows.ts";

interface Ends {
  readonly first: string | undefined;
  readonly last: string | undefined;
}

/** Which of the rows to draw, after those between these keys were; without what came at the end if some came before. */
export function oneEnd(rows: readonly Row[], { first, last }: Ends) {
  const isPrepending = first !== undefined && rows[0] !== undefined && rows[0].key !== first;
  const end = isPrepending ? rows.findLastIndex(({ key }) => key === last) : -1;
  const drawn = end < 0 || end === rows.length - 1 ? rows : rows.slice(0, end + 1);
  return { drawn, isPrepending };
}

/**
 * Of messages that came at both ends since the last render, those at the end follow in a render of their own, before
 * anything is painted: with `shift`, virtua takes all that is added for prepended.
 */
export function useOneEnd(rows: readonly Row[]): { drawn: readonly Row[]; isPrepending: boolean } {
  const ends = useRef<Ends>({ first: undefined, last: undefined });
  const [, drawRest] = useReducer((count: number) => count + 1, 0);
  const { drawn, isPrepending } = oneEnd(rows, ends.current);
  useLayoutEffect(() => {
    ends.current = { first: drawn[0]?.key, last: drawn.at(-1)?.key };
    if (drawn !== rows) drawRest();
  }, [drawn, rows]);
  return { drawn, isPrepending };
}
