import { oftenThere } from "./absences.ts";
import type { Crowd } from "./crowd.ts";
import type { Device } from "./device.ts";
import { createZipf } from "./random.ts";

interface TrafficOptions {
  readonly crowd: Crowd;
  readonly messagesPerSecond: number;
}

const tickMs = 20;
/** Of the messages: sent again after they were answered, or such as must be refused. */
const repeatedShare = 0.02;
const badShare = 0.01;
const readShare = 0.3;
const typingShare = 0.05;
/** Devices that go away or lose their connection, a second. */
const departuresPerSecond = 0.4;
const cutsPerSecond = 0.6;
/** Somebody's only notification socket closes, a second. */
const signOffsPerSecond = 0.1;
const longestAwayMs = 12_000;
const bodies = [
  "hello",
  "ok",
  "ça va ?",
  "🙂 да",
  "a longer one, as people write when they have the time for it",
];

/** People writing, reading, and losing their connections, until it is stopped. Then everybody comes back. */
export interface Traffic {
  stop(): void;
}

export function startTraffic({ crowd, messagesPerSecond }: TrafficOptions): Traffic {
  const { random, conversations, devices } = crowd;
  const online = oftenThere(crowd);
  const pickConversation = createZipf(conversations.length, random);
  const devicesOf = Map.groupBy(devices, ({ person }) => person);
  const away = new Map<{ start(): void }, NodeJS.Timeout>();
  let number = 0;
  let owed = 0;
  let last = performance.now();

  function writeSomething(): void {
    const { id, members } = conversations[pickConversation()]!;
    const device = random.pick(devicesOf.get(random.pick(members))!);
    if (device.isBusy) return;
    if (random.chance(badShare)) device.writeBad(id);
    if (random.chance(repeatedShare)) device.repeat();
    if (random.chance(typingShare)) device.type(id);
    number += 1;
    device.write(id, `${random.pick(bodies)} ${number}`);
    if (random.chance(readShare)) readSomething(random.pick(devicesOf.get(random.pick(members))!), id);
  }

  function readSomething(device: Device, conversation: string): void {
    if (device.socket.isOpen) device.read(conversation);
  }

  function leave(socket: { start(): void; stop(): void }): void {
    if (away.has(socket)) return;
    socket.stop();
    const back = () => {
      away.delete(socket);
      socket.start();
    };
    away.set(socket, setTimeout(back, 500 + random.next() * longestAwayMs));
  }

  const timer = setInterval(() => {
    const now = performance.now();
    const seconds = Math.min(1, (now - last) / 1000);
    last = now;
    owed += seconds * messagesPerSecond;
    for (; owed >= 1; owed--) writeSomething();
    if (random.chance(departuresPerSecond * seconds)) leave(random.pick(devices).socket);
    if (random.chance(cutsPerSecond * seconds)) random.pick(devices).socket.drop();
    if (random.chance(signOffsPerSecond * seconds)) leave(random.pick(online).socket);
  }, tickMs);

  return {
    stop() {
      clearInterval(timer);
      for (const [socket, back] of away) {
        clearTimeout(back);
        socket.start();
      }
      away.clear();
    },
  };
}
