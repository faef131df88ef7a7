import { directConversationId } from "@gochat/contracts/conversation-id";
import type { HistoryWriter } from "../history-file.ts";
import { Device, type DeviceOptions } from "./device.ts";
import { Online } from "./online.ts";
import { type DrivenPerson, signUp } from "./person.ts";
import { createRandom, type Random } from "./random.ts";

export interface CrowdOptions {
  readonly people: number;
  readonly devicesPerPerson: number;
  readonly conversations: number;
  readonly seed: number;
  readonly mode: string;
  readonly history: HistoryWriter;
  /** Where people reach GoChat; each device has a network of its own in between. */
  readonly url: string;
  networkOf(device: string): string;
  readonly omits?: DeviceOptions["omits"];
}

/** Everybody whom the driver plays. */
export interface Crowd {
  readonly people: readonly DrivenPerson[];
  readonly devices: readonly Device[];
  readonly online: readonly Online[];
  /** The most popular first. */
  readonly conversations: readonly Conversation[];
  readonly random: Random;
}

export interface Conversation {
  readonly id: string;
  readonly members: readonly [DrivenPerson, DrivenPerson];
}

const signUpsAtOnce = 2;

export async function gatherCrowd(options: CrowdOptions): Promise<Crowd> {
  const { history, seed, mode, url } = options;
  const random = createRandom(seed);
  const people = await signUpAll(url, options.people);
  const conversations = await openConversations(people, options.conversations, random);
  const membersOf = new Map(conversations.map(({ id, members }) => [id, members]));
  const devices = people.flatMap((person, index) =>
    Array.from({ length: options.devicesPerPerson }, (_, number) => {
      const name = `p${index}.${number}`;
      return new Device({
        name,
        person,
        history,
        random,
        conversations: conversationsOf(person, membersOf),
        address: () => ({ url: options.networkOf(name), origin: url }),
        ...(options.omits && { omits: options.omits }),
      });
    }),
  );
  const ids = new Set(people.map(({ id }) => id));
  const online = people.map((person, index) => {
    const device = `p${index}.0`;
    const address = () => ({ url: options.networkOf(device), origin: url });
    return new Online({ device, person, people: ids, history, random, address });
  });
  history.write({
    kind: "run",
    mode,
    seed,
    people: [...ids],
    devices: Object.fromEntries(devices.map(({ name, person }) => [name, person.id])),
    conversations: Object.fromEntries(conversations.map(({ id, members: [a, b] }) => [id, [a.id, b.id]])),
  });
  return { people, devices, online, conversations, random };
}

async function signUpAll(url: string, count: number): Promise<DrivenPerson[]> {
  const people: DrivenPerson[] = [];
  let next = 0;
  const work = async () => {
    while (next < count) {
      const index = next++;
      people[index] = await signUp(url, `person${index}`);
    }
  };
  await Promise.all(Array.from({ length: signUpsAtOnce }, work));
  return people;
}

/** Different pairs, each opened before anybody writes. */
async function openConversations(
  people: readonly DrivenPerson[],
  count: number,
  random: Random,
): Promise<Conversation[]> {
  const conversations = new Map<string, Conversation>();
  while (conversations.size < count) {
    const a = random.pick(people);
    const b = random.pick(people);
    if (a === b) continue;
    const id = directConversationId(a.id, b.id);
    if (conversations.has(id)) continue;
    await a.open(b.id);
    conversations.set(id, { id, members: [a, b] });
  }
  return [...conversations.values()];
}

function conversationsOf(
  person: DrivenPerson,
  membersOf: ReadonlyMap<string, readonly [DrivenPerson, DrivenPerson]>,
): Map<string, string> {
  const own = new Map<string, string>();
  for (const [id, [a, b]] of membersOf) {
    if (a === person) own.set(id, b.id);
    else if (b === person) own.set(id, a.id);
  }
  return own;
}
