import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { MessageSent } from "@gochat/contracts/events/message-events";
import type { BusReport } from "../system/system.ts";
import type { Armed } from "./runtime.ts";

/** What the driver may ask of an armed process. */
export type Order =
  | { readonly order: "crash"; readonly failpoint: string; readonly hits: number }
  | { readonly order: "live" }
  | { readonly order: "unreliable"; readonly isOn: boolean }
  | { readonly order: "poison"; readonly event: MessageSent; readonly partition: number }
  | { readonly order: "report" };

/** What the unreliable bus lets the driver do; it is there only in the embedded mode. */
export interface BusControl {
  setUnreliable(isOn: boolean): void;
  poison(event: MessageSent, partition: number): Promise<void>;
  report(): Promise<BusReport>;
}

let bus: BusControl | undefined;

export function offerBus(control: BusControl): void {
  bus = control;
}

/** From the channel between parent and child. */
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

export function orderFile(folder: string, pid: number): string {
  return join(folder, `${pid}.json`);
}

/** From a file, at each SIGUSR2: for processes that somebody else started. */
export function readOrders(armed: Armed, folder: string): void {
  process.on("SIGUSR2", () => {
    const text = readFileSync(orderFile(folder, process.pid), "utf8");
    void obey(armed, JSON.parse(text) as Order);
  });
}

async function obey(armed: Armed, order: Order): Promise<BusReport | undefined> {
  if (order.order === "crash") armed.arm(order.failpoint, order.hits);
  else if (order.order === "live") armed.disarm();
  else if (order.order === "unreliable") bus?.setUnreliable(order.isOn);
  else if (order.order === "poison") await bus?.poison(order.event, order.partition);
  else return bus?.report();
  return undefined;
}
