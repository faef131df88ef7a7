import type { EventContract } from "@gochat/contracts/events/event";
import type { TSchema } from "typebox";
import { Compile, type Validator } from "typebox/compile";
import { type Delivery, type Envelope, InvalidEventError } from "./broker.ts";

/** An envelope as a queue in this process keeps it. */
export interface KeptEnvelope {
  /** How many events. */
  readonly count: number;
  /** Of its text in UTF-16 units, or about that. */
  readonly length: number;
  /** In objects of its own at each call. */
  read(): Envelope;
}

const validators = new WeakMap<TSchema, Validator>();

/**
 * Puts 1..n events of one contract into one envelope, as text. What does not fit the schema as it is, is judged as it
 * would arrive: JSON drops and changes things. Throws `InvalidEventError`, also for no events at all and for what JSON
 * cannot say.
 */
export function encodeEnvelope(contract: EventContract, events: readonly unknown[], trace?: string): string {
  if (events.length === 0)
    throw new InvalidEventError(contract.name, "an envelope carries at least one event");
  let text: string;
  try {
    text = JSON.stringify(events);
  } catch (error) {
    throw new InvalidEventError(contract.name, error instanceof Error ? error.message : String(error));
  }
  if (!fitsAll(contract, events)) refuseUnfit(contract, JSON.parse(text));
  // The events are text already: put in as they are, not written a second time.
  return `${JSON.stringify(headOf(contract, trace)).slice(0, -1)},"events":${text}}`;
}

/** The same for a queue in this process: it needs no text where the contract can copy. */
export function keepEnvelope(
  contract: EventContract,
  events: readonly unknown[],
  trace?: string,
): KeptEnvelope {
  const { inProcess } = contract;
  const count = events.length;
  if (!inProcess || count === 0 || !fitsAll(contract, events)) {
    const text = encodeEnvelope(contract, events, trace);
    return { count, length: text.length, read: () => decodeEnvelope(text) };
  }
  const copies = (some: readonly unknown[]) => some.map((event) => inProcess.copy(event));
  const head = headOf(contract, trace);
  const kept = copies(events);
  const length = kept.reduce<number>((sum, event) => sum + inProcess.lengthOf(event), 0);
  return { count, length, read: () => ({ ...head, events: copies(kept) }) };
}

/** Fresh objects at each call. Throws where the text is no envelope of this version; looks into no event. */
export function decodeEnvelope(text: string): Envelope {
  const envelope = JSON.parse(text) as Partial<Envelope> | null;
  if (envelope?.v !== 1 || typeof envelope.type !== "string" || !Array.isArray(envelope.events)) {
    throw new Error("What arrived is no envelope of version 1.");
  }
  return envelope as Envelope;
}

/**
 * What arrived from outside this process: its events that fit the schema, and what must not reach a handler. No
 * envelope where none of it can be used.
 */
export function readEnvelope(
  contract: EventContract,
  content: Buffer,
): { envelope?: Envelope; poisoned: { content: Envelope | Buffer; reason: string }[] } {
  let envelope: Envelope;
  try {
    envelope = decodeEnvelope(content.toString());
  } catch (error) {
    return { poisoned: [{ content, reason: error instanceof Error ? error.message : String(error) }] };
  }
  if (envelope.type !== contract.name) {
    return { poisoned: [{ content: envelope, reason: `${envelope.type} is not ${contract.name}.` }] };
  }
  const validator = validatorOf(contract);
  const invalid = envelope.events.filter((event): boolean => !validator.Check(event));
  if (invalid.length === 0) return { envelope, poisoned: [] };
  const poisoned = invalid.map((event) => ({
    content: { ...envelope, events: [event] },
    reason: new InvalidEventError(contract.name, firstError(validator, event)).message,
  }));
  const events = envelope.events.filter((event) => !invalid.includes(event));
  return events.length > 0 ? { envelope: { ...envelope, events }, poisoned } : { poisoned };
}

/** Where and when a batch came about: the oldest of its envelopes is the first one. */
export function originOf(envelopes: readonly Envelope[]): Pick<Delivery<unknown>, "publishedAt" | "traces"> {
  const traces = envelopes.flatMap(({ trace }) => (trace === undefined ? [] : [trace]));
  return { publishedAt: envelopes[0]?.at ?? "", traces: [...new Set(traces)] };
}

function headOf({ name: type, producer }: EventContract, trace?: string): Omit<Envelope, "events"> {
  return { v: 1, type, at: new Date().toISOString(), producer, ...(trace !== undefined && { trace }) };
}

function fitsAll(contract: EventContract, events: readonly unknown[]): boolean {
  const validator = validatorOf(contract);
  return events.every((event) => validator.Check(event));
}

function refuseUnfit(contract: EventContract, events: readonly unknown[]): void {
  const validator = validatorOf(contract);
  const unfit = events.find((event) => !validator.Check(event));
  if (unfit !== undefined) throw new InvalidEventError(contract.name, firstError(validator, unfit));
}

function validatorOf(contract: EventContract): Validator {
  let validator = validators.get(contract.schema);
  if (!validator) {
    validator = Compile(contract.schema);
    validators.set(contract.schema, validator);
  }
  return validator;
}

function firstError(validator: Validator, event: unknown): string {
  const [error] = validator.Errors(event);
  return error ? `${error.instancePath || "/"} ${error.message}` : "it does not fit";
}
