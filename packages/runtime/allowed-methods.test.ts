import { expect, test } from "vitest";
import { AllowedMethods } from "./allowed-methods.ts";

test("the methods of a path are those of its own routes", () => {
  const allowed = new AllowedMethods();
  allowed.add("/api/things", "GET");
  allowed.add("/api/things", "POST");
  allowed.add("/api/things/:id", "DELETE");
  allowed.add("/api/things/all", "PUT");
  allowed.add("/*", "GET");
  expect(allowed.of("/api/things?limit=1")).toEqual(["GET", "POST"]);
  expect(allowed.of("/api/things/7")).toEqual(["DELETE"]);
  expect(allowed.of("/api/things/all")).toEqual(["PUT"]);
  expect(allowed.of("/api/nothing")).toEqual([]);
});
