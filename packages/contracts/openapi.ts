import type { TSchema } from "typebox";
import { describeSchema, type Json, type JsonObject, namedSchemas, protocolVersion } from "./documents.ts";
import { type ErrorCode, errors } from "./errors.ts";
import * as auth from "./http/auth.ts";
import * as conversations from "./http/conversations.ts";
import type { Endpoint } from "./http/endpoint.ts";
import { endpoints } from "./http/endpoints.ts";
import * as notifications from "./http/notifications.ts";
import * as users from "./http/users.ts";

const operationIds: ReadonlyMap<unknown, string> = new Map(
  Object.entries({ ...auth, ...users, ...conversations, ...notifications }).map(([name, value]) => [
    value,
    name,
  ]),
);

/** The HTTP side of the public protocol as OpenAPI 3.1: plain JSON, made from the endpoints. */
export function openApiDocument(): object {
  const paths: Record<string, Record<string, Json>> = {};
  for (const endpoint of endpoints) {
    const path = endpoint.path.replaceAll(/:(\w+)/g, "{$1}");
    paths[path] = { ...paths[path], [endpoint.method.toLowerCase()]: operation(endpoint) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "GoChat",
      version: protocolVersion,
      description:
        "Ids are lower-case UUIDs, times RFC 3339 in UTC with milliseconds. Every error is a problem document (RFC 9457) with a stable `code`. The sockets are described in the AsyncAPI document.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/", description: "The address that GoChat is served from." }],
    tags: [...new Set(endpoints.map((endpoint) => endpoint.tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: namedSchemas(),
      securitySchemes: {
        session: {
          type: "apiKey",
          in: "cookie",
          name: "auth",
          description:
            "The access token, set by sign-up, sign-in and refresh; HttpOnly. Named `__Host-auth` where the public URL is https.",
        },
      },
    },
  };
}

function operation(endpoint: Endpoint): Json {
  return {
    operationId: operationIds.get(endpoint)!,
    tags: [endpoint.tag],
    summary: endpoint.summary,
    security: endpoint.access === "person" ? [{ session: [] }] : [],
    parameters: [...parameters("path", endpoint.params), ...parameters("query", endpoint.query)],
    ...(endpoint.body && {
      requestBody: {
        required: true,
        content: { "application/json": { schema: describeSchema(endpoint.body) } },
      },
    }),
    responses: { [endpoint.status]: answer(endpoint), ...problems(endpoint) },
  };
}

function parameters(place: "path" | "query", schema: TSchema | undefined): Json[] {
  const { properties = {}, required = [] } = (schema ?? {}) as {
    properties?: Record<string, TSchema>;
    required?: readonly string[];
  };
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: required.includes(name),
    schema: describeSchema(property),
  }));
}

function answer(endpoint: Endpoint): Json {
  if (!endpoint.answer) return { description: "Done." };
  return {
    description: endpoint.summary,
    content: { "application/json": { schema: describeSchema(endpoint.answer) } },
  };
}

/** What a call may answer besides its own errors. */
function generalErrors(endpoint: Endpoint): ErrorCode[] {
  const codes: ErrorCode[] = ["INVALID_INPUT", "RATE_LIMITED", "BUSY", "INTERNAL"];
  if (endpoint.access === "person") codes.push("UNAUTHENTICATED");
  if (endpoint.method !== "GET") codes.push("FOREIGN_ORIGIN", "TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE");
  return codes;
}

/** One answer a status, naming each code that it may carry. */
function problems(endpoint: Endpoint): JsonObject {
  const codes = [...new Set([...endpoint.errors, ...generalErrors(endpoint)])];
  const byStatus = Object.groupBy(codes, (code) => errors[code].status);
  return Object.fromEntries(
    Object.entries(byStatus).map(([status, some = []]) => [status, problem(Number(status), some)]),
  );
}

function problem(status: number, codes: readonly ErrorCode[]): Json {
  const retryAfter = { description: "Seconds to wait.", schema: { type: "integer", minimum: 0 } };
  return {
    description: codes.map((code) => `\`${code}\`: ${errors[code].title}.`).join(" "),
    ...((status === 429 || status === 503) && { headers: { "Retry-After": retryAfter } }),
    content: {
      "application/problem+json": {
        schema: {
          allOf: [
            { $ref: "#/components/schemas/Problem" },
            { type: "object", properties: { status: { const: status }, code: { enum: codes } } },
          ],
        },
      },
    },
  };
}
