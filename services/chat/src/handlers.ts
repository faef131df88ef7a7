import type { Broker, Subscribed } from "@gochat/broker/broker";
import type { EventContract, EventOf } from "@gochat/contracts/events/event";
import * as events from "@gochat/contracts/events/message-events";
import type { ChatServerFrame } from "@gochat/contracts/sockets/chat";
import type { ServedSockets } from "@gochat/runtime/socket-server";
import { learnConversation } from "./commands/learn-conversation.ts";
import { deliverHeads, deliverRead, deliverRejected, deliverStored, deliverTyping } from "./delivery.ts";
import type { HeadRequests } from "./head-requests.ts";
import type { Parts } from "./parts.ts";

type Delivering = Pick<
  Parts,
  "nodeId" | "clock" | "states" | "known" | "throttle" | "outgoing" | "trail" | "measures"
> & {
  readonly sockets: ServedSockets<ChatServerFrame>;
  readonly headRequests: Pick<HeadRequests, "answered">;
};

/** Event → frames. */
export function subscribeHandlers(broker: Broker, delivering: Delivering): Promise<Subscribed[]> {
  const learn = (conversationId: string) => learnConversation(delivering, conversationId);
  return Promise.all([
    on(events.messageStored, (event) => {
      deliverStored(delivering, event);
      learn(event.conversationId);
    }),
    on(events.messageRejected, (event) => {
      if (event.node === delivering.nodeId) deliverRejected(delivering, event);
    }),
    on(events.messageRead, (event) => {
      deliverRead(delivering, event);
      learn(event.conversationId);
    }),
    on(events.typingStarted, (event) => deliverTyping(delivering, event)),
    on(
      events.headsAnswered,
      (event) => {
        deliverHeads(delivering, event);
        for (const { conversationId } of event.heads) learn(conversationId);
        for (const read of event.reads ?? []) deliverRead(delivering, read);
        if (event.asOf !== undefined) delivering.headRequests.answered(event.asOf);
      },
      { key: delivering.nodeId },
    ),
  ]);

  function on<Contract extends EventContract>(
    contract: Contract,
    deliver: (event: EventOf<Contract>) => void,
    options: { key?: string } = {},
  ): Promise<Subscribed> {
    const handle = async (batch: EventOf<Contract>[]) => {
      for (const event of batch) deliver(event);
    };
    return broker.subscribe({ service: "chat", contract, ...options, handle });
  }
}
