import type { MessageSent } from "@gochat/contracts/events/message-events";
import { describe, expect, test, vi } from "vitest";
import type { Receipt } from "./commands/store-messages.ts";
import { JointBatches } from "./joint-batches.ts";

const events = (...ids: string[]) => ids.map((id) => ({ id }) as MessageSent);
const idsOf = (some: readonly MessageSent[]) => some.map(({ id }) => id).join("");
const receipt = (): Receipt => ({ signal: new AbortController().signal, deadLetter: async () => {} });

/** Batches whose storing the test ends, one by one. */
function create(maxEvents?: number) {
  const storing: {
    ids: string;
    receipt: Receipt;
    end: (putOff?: readonly MessageSent[]) => void;
    fail: (error: Error) => void;
  }[] = [];
  const joint = new JointBatches(
    (some, jointly) =>
      new Promise((resolve, reject) => {
        storing.push({
          ids: idsOf(some),
          receipt: jointly,
          end: (putOff = []) => resolve(putOff),
          fail: reject,
        });
      }),
    maxEvents,
  );
  /** The count-th of them, once its storing has begun. */
  const begun = (count: number) =>
    vi.waitFor(() => {
      expect(storing).toHaveLength(count);
      return storing[count - 1]!;
    });
  return { joint, storing, begun };
}

describe("joint batches", () => {
  test("store the first at once, and together what comes meanwhile, in order", async () => {
    const { joint, begun, storing } = create();
    const first = joint.store(events("a", "b"), receipt());
    await begun(1);
    const others = [joint.store(events("c"), receipt()), joint.store(events("d", "e"), receipt())];
    storing[0]!.end();
    expect(await first).toEqual([]);
    (await begun(2)).end();
    await Promise.all(others);
    void joint.store(events("f"), receipt());
    await begun(3);
    expect(storing.map(({ ids }) => ids)).toEqual(["ab", "cde", "f"]);
  });

  test("are no larger than they may be, but a batch is never cut", async () => {
    const { joint, begun, storing } = create(3);
    for (const ids of ["a", "bcde", "fg", "h", "i"]) void joint.store(events(...ids), receipt());
    for (const count of [1, 2, 3, 4]) (await begun(count)).end();
    expect(storing.map(({ ids }) => ids)).toEqual(["a", "bcde", "fgh", "i"]);
  });

  test("answer everybody what was put off of their own", async () => {
    const { joint, begun } = create();
    const [ab, cd] = [events("a", "b"), events("c", "d")];
    const answers = [joint.store(ab, receipt()), joint.store(cd, receipt())];
    (await begun(1)).end([ab[1]!, cd[0]!]);
    expect((await Promise.all(answers)).map(idsOf)).toEqual(["b", "c"]);
  });

  test("that fail fail for all of them, and the next ones are stored", async () => {
    const { joint, begun } = create();
    const both = [joint.store(events("a"), receipt()), joint.store(events("b"), receipt())];
    (await begun(1)).fail(new Error("stopped"));
    for (const answer of await Promise.allSettled(both)) expect(answer).toMatchObject({ status: "rejected" });
    const next = joint.store(events("c"), receipt());
    (await begun(2)).end();
    expect(await next).toEqual([]);
  });

  test("end with any of their signals, and give a poisoned event to the queue that it came from", async () => {
    const { joint, begun } = create();
    const letters: string[] = [];
    const stop = new AbortController();
    const [ab, cd] = [events("a", "b"), events("c", "d")];
    const keepAs = (queue: string) => async (event: MessageSent) => void letters.push(`${queue} ${event.id}`);
    void joint.store(ab, { ...receipt(), deadLetter: keepAs("first") });
    void joint.store(cd, { signal: stop.signal, deadLetter: keepAs("second") });
    const { receipt: jointly } = await begun(1);
    await jointly.deadLetter(cd[1]!, "poisoned");
    await jointly.deadLetter(ab[0]!, "poisoned");
    expect(letters).toEqual(["second d", "first a"]);
    expect(jointly.signal.aborted).toBe(false);
    stop.abort();
    expect(jointly.signal.aborted).toBe(true);
  });
});
