import specification from "@asyncapi/specs/schemas/3.0.0-without-$id.json" with { type: "json" };
import { Ajv } from "ajv";
import formats from "ajv-formats";
import { describe, expect, test } from "vitest";
import { asyncApiDocument } from "./asyncapi.ts";
import { errors } from "./errors.ts";
import { events } from "./events/events.ts";
import { chatClientFrames, chatServerFrames } from "./sockets/chat.ts";
import { notificationsClientFrames, notificationsServerFrames } from "./sockets/notifications.ts";

interface Channel {
  readonly address: string;
  readonly messages: Record<string, { payload: unknown }>;
  readonly bindings: { amqp?: { exchange: { name: string } } };
}
const document = asyncApiDocument() as {
  channels: Record<string, Channel>;
  operations: Record<string, { action: string; "x-scope"?: string }>;
  components: { schemas: Record<string, { enum?: string[] }> };
};

describe("the AsyncAPI document", () => {
  test("is valid by the official schema", { timeout: 30_000 }, () => {
    const ajv = new Ajv({ strict: false, allErrors: true });
    formats.default(ajv);
    const validate = ajv.compile(specification);
    validate(document);
    expect(validate.errors ?? []).toEqual([]);
  });

  test("refers only to what it defines", () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)];
    expect(references.length).toBeGreaterThan(100);
    for (const [, pointer] of references) {
      const found = pointer!.split("/").reduce<unknown>((at, step) => {
        return (at as Record<string, unknown> | undefined)?.[step];
      }, document);
      expect(found, pointer).toBeDefined();
    }
  });

  test("has every frame of both sockets, in both directions", () => {
    const frames = (channel: string) => Object.keys(document.channels[channel]?.messages ?? {});
    const named = (side: string, table: object) => Object.keys(table).map((type) => `${side}.${type}`);
    expect(frames("chatSocket")).toEqual([
      ...named("client", chatClientFrames),
      ...named("server", chatServerFrames),
    ]);
    expect(frames("notificationsSocket")).toEqual([
      ...named("client", notificationsClientFrames),
      ...named("server", notificationsServerFrames),
    ]);
  });

  test("has every event, with its exchange, its producer and its consumers", () => {
    for (const { name, exchange, producer, consumers } of events) {
      expect(document.channels[name]?.bindings.amqp?.exchange.name).toBe(exchange);
      expect(document.operations[`${producer}.publish.${name}`]?.action).toBe("send");
      for (const [service, scope] of Object.entries(consumers)) {
        expect(document.operations[`${service}.handle.${name}`]?.["x-scope"]).toBe(scope);
      }
    }
    expect(Object.keys(document.channels)).toHaveLength(events.length + 2);
  });

  test("has every error code", () => {
    expect(document.components.schemas.ErrorCode?.enum).toEqual(Object.keys(errors));
  });
});
