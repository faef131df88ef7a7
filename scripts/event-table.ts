import { routingKeyPattern } from "@gochat/contracts/asyncapi";
import type { EventContract } from "@gochat/contracts/events/event";

/** docs/events.md: every event between the services, as a table. */
export function eventTable(events: readonly EventContract[]): string {
  return [
    "# Events",
    "",
    "Made by `npm run docs` from `packages/contracts/events`; change it there.",
    "",
    "Both exchanges are topic exchanges. What travels is an envelope",
    '`{ "v": 1, "type", "at", "producer", "trace"?, "events": [ … ] }` of 1..n events of one type.',
    "A consumer of scope *service* has one queue, shared by its processes; of scope *node*, each process has",
    "a queue of its own and gets every event. A field with `?` may be absent.",
    "",
    "| event | exchange | routing key | producer | consumers (scope) | fields | what happened |",
    "|---|---|---|---|---|---|---|",
    ...events.map(row),
    "",
  ].join("\n");
}

function row(contract: EventContract): string {
  const consumers = Object.entries(contract.consumers).map(([service, scope]) => `${service} (${scope})`);
  const cells = [
    `\`${contract.name}\``,
    contract.exchange,
    `\`${routingKeyPattern(contract)}\``,
    contract.producer,
    consumers.join(", ") || "nobody",
    fields(contract).join(", "),
    contract.summary,
  ];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

function fields(contract: EventContract): string[] {
  const { properties = {}, required = [] } = contract.schema as {
    properties?: Record<string, unknown>;
    required?: readonly string[];
  };
  return Object.keys(properties).map((name) => `\`${name}${required.includes(name) ? "" : "?"}\``);
}
