import type { EventContract } from "@gochat/contracts/events/event";
import type { TSchema } from "typebox";
import { Compile, type Validator } from "typebox/compile";
import { type Delivery, type Envelope, InvalidEventError } from "./broker.ts";

/** The text of an envelope, which is what a queue keeps, and how many events are in it. */
export interface EncodedEnvelope {
  readonly text: string;
  readonly count: number;
  /** What the text was read into to be checked. It belongs to whoever takes it first: one delivery need not read again. */
  readonly envelope: Envelope;
}

const validators = new WeakMap<TSchema, Validator>();

/**
 * Puts 1..n events of one contract into one envelope. They are copied into text, and the copy is checked, not the
 * original: what JSON drops or changes is judged as it arrives. Throws `InvalidEventError`, also for no events at all
 * and for what JSON cannot say.
 */
export function encodeEnvelope(
  contract: EventContract,
  events: readonly unknown[],
  trace?: string,
): EncodedEnvelope {
  if (events.length === 0)
    throw new InvalidEventError(contract.name, "an envelope carries at least one event");
  let text: string;
  try {
    text = JSON.stringify(events);
  } catch (error) {
    throw new InvalidEventError(contract.name, error instanceof Error ? error.message : String(error));
  }
  const validator = validatorOf(contract);
  const copies = JSON.parse(text) as unknown[];
  for (const event of copies) {
    if (!validator.Check(event)) throw new InvalidEventError(contract.name, firstError(validator, event));
  }
  const { name: type, producer } = contract;
  const head: Omit<Envelope, "events"> = {
    v: 1,
    type,
    at: new Date().toISOString(),
    producer,
    ...(trace !== undefined && { trace }),
  };
  // The events are text already: put in as they are, not written a second time.
  const whole = `${JSON.stringify(head).slice(0, -1)},"events":${text}}`;
  return { text: whole, count: events.length, envelope: { ...head, events: copies } };
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
