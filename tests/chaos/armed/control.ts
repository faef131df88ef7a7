import type { DeadLetter } from "@gochat/broker/dead-letters";
import type { Armed } from "./runtime.ts";

/** What the driver may ask of an armed process, over the channel between parent and child. */
export type Order =
  | { readonly order: "crash"; readonly failpoint: string; readonly hits: number }
  | { readonly order: "unreliable"; readonly isOn: boolean }
  | { readonly order: "poison"; readonly event: Record<string, unknown>; readonly partition: number }
  | { readonly order: "report" };

/** The answer to `report`. */
export interface BusReport {
  /** Queue → envelopes that wait. */
  readonly depths: Readonly<Record<string, number>>;
  readonly deadLetters: readonly Pick<DeadLetter, "events" | "reason">[];
}

/** What the unreliable bus lets the driver do; it is there only in the embedded mode. */
export interface BusControl {
  setUnreliable(isOn: boolean): void;
  poison(event: Record<string, unknown>, partition: number): Promise<void>;
  report(): Promise<BusReport>;
}

let bus: BusControl | undefined;

export function offerBus(control: BusControl): void {
  bus = control;
}

export function takeOrders(armed: Armed): void {
  process.on("message", async (message: Order & { number: number }) => {
    const answer = await obey(armed, message).catch((error: unknown) => ({ error: String(error) }));
    process.send?.({ number: message.number, answer: answer ?? null });
  });
  // A driver that died must leave nothing running.
  process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));
  // Listening must not keep a process alive that is done.
  process.channel?.unref();
}

async function obey(armed: Armed, order: Order): Promise<BusReport | undefined> {
  if (order.order === "crash") armed.arm(order.failpoint, order.hits);
  else if (order.order === "unreliable") requireBus().setUnreliable(order.isOn);
  else if (order.order === "poison") await requireBus().poison(order.event, order.partition);
  else return bus?.report();
  return undefined;
}

function requireBus(): BusControl {
  if (bus) return bus;
  throw new Error("The bus of this process is not the unreliable one: does arm.ts put it in its place?");
}
