import type { HistoryWriter } from "../history-file.ts";
import type { System } from "../system/system.ts";
import type { Crowd } from "./crowd.ts";
import { emptyQueues } from "./empty-queues.ts";
import { readNotices } from "./read-back.ts";
import { readLists, settleCrowd } from "./settle.ts";

/** Nobody writes anything new: waits until everybody has everything and queues are empty, and reads all numbers. */
export async function fallSilent(
  system: System,
  crowd: Crowd,
  history: HistoryWriter,
  onProgress: (text: string) => void,
): Promise<void> {
  history.write({ kind: "quiet" });
  await Promise.all([settleCrowd(crowd, history, onProgress), emptyQueues(system, history)]);
  history.write({ kind: "settled" });
  await readNotices(crowd, history);
  await readLists(crowd, history);
}
