import { startGoChat } from "@gochat/testing/gochat";
import { expect, test } from "vitest";
import { exchange } from "../../tests/raw-http.ts";

test("after ten megabytes that were refused, the same connection serves on", async () => {
  await using gochat = await startGoChat({ services: ["auth"] });
  const { hostname, port, host } = new URL(gochat.url);
  const body = JSON.stringify({ email: "a".repeat(10 * 1024 * 1024) });
  const head = `POST /api/auth/signin HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\n`;
  const answers = await exchange(hostname, Number(port), [
    `${head}content-length: ${body.length}\r\n\r\n`,
    body,
    `GET /healthz HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`,
  ]);
  expect(answers.status).toBe(413);
  expect(answers.text).toContain("HTTP/1.1 200 OK");
});
