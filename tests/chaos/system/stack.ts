import { appendFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { encodeEnvelope } from "@gochat/broker/codec";
import { readDeadLetters } from "@gochat/broker/rabbitmq/dead-letters";
import type { QueueType } from "@gochat/broker/rabbitmq/topology";
import { serviceQueues } from "@gochat/broker/topology";
import { type ServiceName, serviceNames } from "@gochat/contracts/events/event";
import { events } from "@gochat/contracts/events/events";
import { messageSent } from "@gochat/contracts/events/message-events";
import { partitionCount } from "@gochat/contracts/limits";
import { startPostgres } from "@gochat/engines/postgres";
import type { StackState } from "@gochat/stack/state";
import { type ChannelModel, connect } from "amqplib";
import { type ArmOptions, optionsFile } from "../armed/arm.ts";
import { type Order, orderFile } from "../armed/control.ts";
import { connectTo } from "./database.ts";
import { poisonEvent } from "./poison.ts";
import { insist, isAlive, isReachable, isReady, metricsOf, until } from "./probes.ts";
import { readQueueDepths } from "./rabbitmqctl.ts";
import { startStackProcess } from "./stack-process.ts";
import type { BusReport, System } from "./system.ts";

/** One process of a service. */
export interface Node {
  readonly service: ServiceName;
  readonly pid: number;
  readonly port: number;
}

/** The services as processes behind NGINX, and how they can be struck. */
export interface Stack extends System {
  readonly mode: "stack";
  readonly state: StackState;
  nodes(...services: ServiceName[]): Node[];
  /** The process of messages that stores, so far as the other one stands by. */
  storingNode(): Promise<Node>;
  /** Resolves when the process on this port is another one than `pid`, and ready. */
  replaced(node: Node): Promise<void>;
  /** Resolves when every service is ready. */
  untilWhole(): Promise<void>;
  connectBroker(): Promise<ChannelModel>;
  /** From the next start of the process on this port on. */
  setClock(node: Node, offsetMs: number): Promise<void>;
}

const backWithinMs = 180_000;
const crashWithinMs = 60_000;
const passesWithinMs = 1_500;
/** 404 of AMQP. */
const noSuchQueue = 404;
const storedMetric = /^gochat_messages_stored_total\S* (\d+)/m;

export async function startStack(options: ArmOptions, queueType: QueueType): Promise<Stack> {
  const stack = await startStackProcess(options, queueType, async (dataFolder) => {
    if (options.ownAddresses) await admitAddresses(join(dataFolder, "postgres"));
  });
  let lastCrashed: number | undefined;

  function nodes(...services: ServiceName[]): Node[] {
    const wanted = services.length > 0 ? services : serviceNames;
    return wanted.flatMap((service) =>
      stack.state.services[service].map(({ pid, url }) => ({
        service,
        pid,
        port: Number(new URL(url).port),
      })),
    );
  }

  async function replaced({ service, port, pid }: Node): Promise<void> {
    await until(`${service} on ${port} is back`, backWithinMs, async () => {
      const now = nodes(service).find((node) => node.port === port);
      return now !== undefined && now.pid !== pid && (await isReady(port));
    });
  }

  async function storingNode(): Promise<Node> {
    const [first, second] = nodes("messages");
    const count = async (node: Node) => storedMetric.exec(await metricsOf(node.port))?.[1] ?? "0";
    let isSecond = false;
    await until("messages tells what it stored", backWithinMs, async () => {
      const before = await count(second!);
      await sleep(1_000);
      isSecond = Number(await count(second!)) > Number(before);
      return true;
    });
    return isSecond ? second! : first!;
  }

  /** Of two nodes, that one stores which did not die last. */
  function activeFirst(of: readonly Node[]): Node[] {
    return of.toSorted((a, b) => Number(a.port === lastCrashed) - Number(b.port === lastCrashed));
  }

  /** Whether it came by the failpoint, and so died: one that only stands by does not. Then it is back. */
  async function crashes(node: Node, failpoint: string, hits: number): Promise<boolean> {
    await give(node, { order: "crash", failpoint, hits });
    const hasDied = await until(
      `${failpoint} is passed`,
      passesWithinMs,
      async () => !isAlive(node.pid),
    ).then(
      () => true,
      () => false,
    );
    lastCrashed = node.port;
    if (hasDied) await replaced(node);
    else await give(node, { order: "live" });
    return hasDied;
  }

  async function give({ pid }: Node, order: Order): Promise<void> {
    await writeFile(orderFile(stack.ordersFolder, pid), JSON.stringify(order));
    process.kill(pid, "SIGUSR2");
  }

  async function withBroker<Result>(work: (connection: ChannelModel) => Promise<Result>): Promise<Result> {
    const connection = await connectBroker();
    try {
      return await work(connection);
    } finally {
      await connection.close().catch(() => {});
    }
  }

  async function connectBroker(): Promise<ChannelModel> {
    const connection = await connect(stack.state.rabbitmq.url, { timeout: 5_000 });
    connection.on("error", () => {});
    return connection;
  }

  function deadLetters(): Promise<BusReport["deadLetters"]> {
    return insist(backWithinMs, () =>
      withBroker(async (connection) => {
        const letters = await Promise.all(serviceNames.map((service) => lettersOf(connection, service)));
        return letters.flat();
      }),
    );
  }

  return {
    mode: "stack",
    url: stack.url,
    get state() {
      return stack.state;
    },
    nodes,
    storingNode,
    replaced,
    connectBroker,
    untilWhole: () =>
      until("every service is ready", backWithinMs, async () => {
        const ready = await Promise.all(nodes().map(({ port }) => isReady(port)));
        return ready.every(Boolean) && (await isReachable(stack.url));
      }),
    setClock: ({ port }, clockOffsetMs) =>
      writeFile(
        optionsFile(stack.ordersFolder, port),
        JSON.stringify({ clockOffsetMs } satisfies ArmOptions),
      ),
    async crashAt(failpoint, hits) {
      const [service] = failpoint.split(".") as [ServiceName];
      await until(`${failpoint} is passed`, crashWithinMs, async () => {
        for (const node of activeFirst(nodes(service))) {
          if (await crashes(node, failpoint, hits)) return true;
        }
        return false;
      });
    },
    poison: (id) =>
      withBroker(async (connection) => {
        const { event, partition } = poisonEvent(id);
        const channel = await connection.createConfirmChannel();
        const text = encodeEnvelope(messageSent, [event]);
        channel.sendToQueue(`messages.message.sent.${partition}`, Buffer.from(text), { persistent: true });
        await channel.waitForConfirms();
      }),
    async report() {
      const depths = await insist(backWithinMs, async () => ofService(await readQueueDepths(stack.state)));
      return { depths, deadLetters: await deadLetters() };
    },
    deadLetters,
    async connectDatabase() {
      const { href } = Object.assign(new URL(stack.state.postgres.url), { pathname: "/messages" });
      return connectTo({ connectionString: href });
    },
    [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
  };
}

/** Makes the database beforehand, so that it lets in who speaks from another loopback address than 127.0.0.1. */
async function admitAddresses(folder: string): Promise<void> {
  const postgres = await startPostgres({ folder });
  await postgres[Symbol.asyncDispose]();
  await appendFile(join(folder, "data", "pg_hba.conf"), "host all all 127.0.0.0/8 scram-sha-256\n");
}

/** Of the queues that services share; one that is not there is an error. */
function ofService(depths: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(
    serviceQueues(events, partitionCount).map(({ name }): [string, number] => {
      const depth = depths[name];
      if (depth === undefined) throw new Error(`RabbitMQ has no queue ${name}.`);
      return [name, depth];
    }),
  );
}

/** None where the service consumes nothing, and so has no such queue. */
function lettersOf(connection: ChannelModel, service: ServiceName) {
  return readDeadLetters(connection, service).catch((error: { code?: number }) => {
    if (error.code === noSuchQueue) return [];
    throw error;
  });
}
