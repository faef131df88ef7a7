import { expect, test, vi } from "vitest";
import { createLogger } from "./logger.ts";

test("an error is logged without what may quote a row", () => {
  const lines: string[] = [];
  const write = vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    lines.push(String(text));
    return true;
  });
  const error = Object.assign(new Error("null value"), {
    code: "23502",
    detail: "Failing row: (secret text)",
  });
  createLogger("info").error({ err: error, body: "secret text" }, "it failed");
  write.mockRestore();
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0]!)).toMatchObject({ level: "error", msg: "it failed", err: { code: "23502" } });
  expect(lines[0]).not.toContain("secret");
});
