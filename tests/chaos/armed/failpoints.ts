import type { Patch } from "./patch.ts";

/** Where a process can be made to die: the n-th time that it comes by, at once, as by kill -9. */
export const failpoints = [
  "messages.before-transaction",
  "messages.after-transaction",
  "messages.before-announcement",
  "messages.before-confirm",
  "messages.after-confirm",
  "messages.before-acknowledgement",
  "messages.after-acknowledgement",
  "chat.after-receipt",
  "chat.after-confirm",
  "chat.before-client-acknowledgement",
  "chat.after-client-acknowledgement",
] as const;
type Failpoint = (typeof failpoints)[number];

const pass = (name: Failpoint) => `chaos.failpoint("${name}");`;
/** What was published or acknowledged just before has left the process: the client of RabbitMQ writes a moment later. */
const passOnceSent = (name: Failpoint) => `chaos.failpointOnceSent("${name}")`;

const storing = "services/messages/src/commands/store-messages.ts";
const announcing = "services/messages/src/commands/announce-stored.ts";
const delivering = "services/chat/src/delivery.ts";

export const failpointPatches: readonly Patch[] = [
  before(storing, "const answered = await", "messages.before-transaction"),
  before(storing, "for (const [index, outcome] of answered.entries())", "messages.after-transaction"),
  {
    file: announcing,
    find: "if (!(await resolvesWithin(broker.publish(messageStored, stored),",
    replace: `${pass("messages.before-announcement")}
  const published = broker.publish(messageStored, stored);
  await ${passOnceSent("messages.before-confirm")};
  if (!(await resolvesWithin(published,`,
  },
  before(announcing, "await watermarks.announced(", "messages.after-confirm"),
  {
    file: "services/messages/src/handlers.ts",
    find: "if (unknown.length > 0) await lateRecipients.add(unknown, delivery);",
    replace: `if (unknown.length > 0) await lateRecipients.add(unknown, delivery);
    ${pass("messages.before-acknowledgement")}
    void ${passOnceSent("messages.after-acknowledgement")};`,
  },
  before(
    "services/chat/src/commands/send-message.ts",
    "outgoing.sent[partition]!.add(event);",
    "chat.after-receipt",
  ),
  {
    file: "services/chat/src/outgoing.ts",
    find: "broker.publish(messageSent, events, { key })",
    replace: `broker.publish(messageSent, events, { key }).then(() => ${pass("chat.after-confirm").slice(0, -1)})`,
  },
  before(delivering, "const isSender = userId === message.senderId;", "chat.before-client-acknowledgement"),
  before(delivering, "if (!encoded) return;", "chat.after-client-acknowledgement"),
];

function before(file: string, find: string, name: Failpoint): Patch {
  return { file, find, replace: `${pass(name)} ${find}` };
}
