import { Validator } from "@seriousme/openapi-schema-validator";
import { describe, expect, test } from "vitest";
import { errors } from "./errors.ts";
import { endpoints } from "./http/endpoints.ts";
import { openApiDocument } from "./openapi.ts";

interface Operation {
  readonly operationId: string;
  readonly security: readonly object[];
  readonly requestBody?: object;
  readonly responses: Record<
    string,
    { description: string; content?: Record<string, object>; headers?: object }
  >;
}
const document = openApiDocument() as {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, { enum?: string[] }> };
};

describe("the OpenAPI document", () => {
  test("is valid", { timeout: 30_000 }, async () => {
    const validator = new Validator();
    const result = await validator.validate(structuredClone(document));
    expect(result.errors ?? []).toEqual([]);
    expect(result.valid).toBe(true);
    expect(validator.version).toBe("3.1");
  });

  test("has every endpoint, with its answer and its errors as problem documents", () => {
    for (const endpoint of endpoints) {
      const operation = document.paths[endpoint.path.replace(":id", "{id}")]?.[endpoint.method.toLowerCase()];
      expect(operation, `${endpoint.method} ${endpoint.path}`).toBeDefined();
      expect(operation?.responses[endpoint.status]?.content !== undefined).toBe(
        endpoint.answer !== undefined,
      );
      expect(operation?.requestBody !== undefined).toBe(endpoint.body !== undefined);
      expect(operation?.security).toHaveLength(endpoint.access === "person" ? 1 : 0);
      for (const code of [...endpoint.errors, "INVALID_INPUT", "BUSY", "RATE_LIMITED"] as const) {
        const response = operation?.responses[errors[code].status];
        expect(response?.description).toContain(code);
        expect(Object.keys(response?.content ?? {})).toEqual(["application/problem+json"]);
      }
      expect(operation?.responses[429]?.headers).toHaveProperty("Retry-After");
    }
    expect(Object.values(document.paths).flatMap((path) => Object.keys(path))).toHaveLength(endpoints.length);
  });

  test("says that the directory may be closed to guests", () => {
    for (const path of ["/api/users", "/api/users/{id}"]) {
      expect(document.paths[path]?.get?.responses[401]?.description).toContain("UNAUTHENTICATED");
    }
  });

  test("names each operation once", () => {
    const ids = Object.values(document.paths).flatMap((path) =>
      Object.values(path).map((operation) => operation.operationId),
    );
    expect(ids.every((id) => typeof id === "string")).toBe(true);
    expect(new Set(ids).size).toBe(endpoints.length);
  });

  test("has every error code, and defines every schema that it refers to", () => {
    expect(document.components.schemas.ErrorCode?.enum).toEqual(Object.keys(errors));
    const references = JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g);
    for (const [, name] of references) expect(document.components.schemas).toHaveProperty(name!);
  });
});
