import { randomUUID } from "node:crypto";
import type { Broker } from "@gochat/broker/broker";
import type { Cache } from "@gochat/cache/cache";
import { directConversationId } from "@gochat/contracts/conversation-id";
import type { MessageRead, MessageStored } from "@gochat/contracts/events/message-events";
import type { ServiceContext, ServiceDefinition } from "@gochat/runtime/service";

type Someone = { readonly id: string; readonly username: string };

/** What messages announces once it has stored a message. */
export function stored(
  seq: number,
  sender: Someone,
  recipient: Someone,
  body = `text ${seq}`,
): MessageStored {
  const conversationId = directConversationId(sender.id, recipient.id);
  const createdAt = new Date(Date.UTC(2026, 0, 1) + seq * 1000).toISOString();
  return {
    conversationId,
    seq,
    memberIds: [sender.id, recipient.id],
    senderUsername: sender.username,
    message: {
      conversationId,
      seq,
      id: randomUUID(),
      senderId: sender.id,
      body,
      createdAt,
      digest: `${"A".repeat(43)}=`,
    },
  };
}

/** What messages announces once a read position has moved. */
export function read(readSeq: number, reader: Someone, other: Someone): MessageRead {
  const conversationId = directConversationId(reader.id, other.id);
  return { conversationId, userId: reader.id, readSeq, memberIds: [reader.id, other.id] };
}

/** The service in a context of which parts are replaced. */
export function withContext(
  definition: ServiceDefinition,
  replace: (context: ServiceContext) => Partial<ServiceContext>,
): ServiceDefinition {
  return { ...definition, start: (context) => definition.start({ ...context, ...replace(context) }) };
}

/** A broker that is asked before each publication; what `before` throws is how it fails. */
export function brokerThat(
  broker: Broker,
  before: (eventName: string) => void | Promise<void>,
  onReconnect: Broker["onReconnect"] = (listener) => broker.onReconnect(listener),
): Broker {
  return {
    durable: broker.durable,
    async publish(contract, events, options) {
      await before(contract.name);
      await broker.publish(contract, events, options);
    },
    subscribe: (subscription) => broker.subscribe(subscription),
    depths: () => broker.depths(),
    ping: () => broker.ping(),
    onReconnect,
    [Symbol.asyncDispose]: () => broker[Symbol.asyncDispose](),
  };
}

/** A cache whose leases are asked for through `before`; what it throws is how they fail. */
export function cacheThat(cache: Cache, before: () => void): Cache {
  const asking =
    <Arguments extends unknown[], Result>(call: (...given: Arguments) => Promise<Result>) =>
    async (...given: Arguments): Promise<Result> => {
      before();
      return call(...given);
    };
  return {
    get: (key) => cache.get(key),
    set: (key, value, ttlSeconds) => cache.set(key, value, ttlSeconds),
    delete: (key) => cache.delete(key),
    increment: (key) => cache.increment(key),
    leases(name) {
      const leases = cache.leases(name);
      return {
        hold: asking((some, ttlMs) => leases.hold(some, ttlMs)),
        release: asking((some) => leases.release(some)),
        expire: asking(() => leases.expire()),
        held: asking((owners) => leases.held(owners)),
      };
    },
    ping: () => cache.ping(),
    [Symbol.asyncDispose]: () => cache[Symbol.asyncDispose](),
  };
}
