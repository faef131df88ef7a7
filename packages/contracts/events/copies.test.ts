import { expect, test } from "vitest";
import { events } from "./events.ts";

const [id, at] = ["0f8e7d6c-5b4a-4938-a7b6-c5d4e3f2a1b0", "2026-01-01T00:00:00.000Z"];
interface Schema {
  readonly type?: string;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
}
const plainTypes: ReadonlySet<string | undefined> = new Set(["string", "integer", "number", "boolean"]);

const message = {
  conversationId: id,
  seq: 1,
  id,
  senderId: id,
  body: "Hi",
  createdAt: at,
  digest: "d".repeat(44),
};
/** Of each contract that copies, with everything in it that can change. */
const samples: Record<string, Record<string, unknown>> = {
  "message.sent": {
    conversationId: id,
    id,
    senderId: id,
    senderUsername: "ana",
    recipientId: id,
    opens: true,
    body: "Hi",
    sentAt: at,
    node: id,
    socket: "12",
    place: 2,
    after: 1,
  },
  "message.stored": { conversationId: id, seq: 1, memberIds: [id, id], senderUsername: "ana", message },
};

test.each(events.filter(({ inProcess }) => inProcess).map((contract) => [contract.name, contract] as const))(
  "a copy of %s shares nothing with it, and its length is about that of its text",
  (name, { inProcess, schema }) => {
    const sample = samples[name]!;
    const { copy, lengthOf } = inProcess!;
    expectWhole(schema, sample);
    const copied = copy(sample);
    expect(copied).toEqual(sample);
    const original = new Set(objectsIn(sample));
    expect(objectsIn(copied).filter((object) => original.has(object))).toEqual([]);
    expect(Math.abs(lengthOf(sample) - JSON.stringify(sample).length)).toBeLessThan(100);
  },
);

/** Everything in the schema that is no plain value is in the sample too. */
function expectWhole(schema: Schema, value: unknown): void {
  if (plainTypes.has(schema.type)) return;
  expect(["object", "array"]).toContain(schema.type);
  expect(value).toBeTypeOf("object");
  const parts = schema.type === "array" ? { 0: schema.items! } : schema.properties!;
  for (const [name, part] of Object.entries(parts)) {
    expectWhole(part as Schema, (value as Record<string, unknown>)[name]);
  }
}

function objectsIn(value: unknown): object[] {
  if (typeof value !== "object" || value === null) return [];
  return [value, ...Object.values(value).flatMap(objectsIn)];
}
