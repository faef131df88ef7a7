import { useMemo, useRef } from "react";
import { type BuiltRows, extendRows, type Row, type RowsInput } from "./rows.ts";

const noRows: readonly Row[] = [];

/** The rows to draw; none until it is known which messages are new. */
export function useRows({
  log,
  me,
  readByOther,
  newAfter,
}: Omit<RowsInput, "newAfter"> & { readonly newAfter: number | undefined }): readonly Row[] {
  // A cache, and safe to fill while rendering: what it holds changes what the rows cost, never what they are.
  const built = useRef<BuiltRows>(undefined);
  return useMemo(() => {
    if (newAfter === undefined) return noRows;
    built.current = extendRows(built.current, { log, me, readByOther, newAfter });
    return built.current.rows;
  }, [log, me, readByOther, newAfter]);
}
