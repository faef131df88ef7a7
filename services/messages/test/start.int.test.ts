import { StartError } from "@gochat/database/start-error";
import { startGoChat } from "@gochat/testing/gochat";
import { expect, test } from "vitest";
import { messages } from "../src/index.ts";

test("refuses a log that was made with another number of partitions", async () => {
  const ofAnotherVersion: typeof messages = {
    ...messages,
    async start(context) {
      await context.database.query("INSERT INTO settings (name, value) VALUES ('partition_count', '16')");
      return messages.start(context);
    },
  };
  const starting = startGoChat({ services: [ofAnotherVersion] });
  await expect(starting).rejects.toThrow(StartError);
  await expect(starting).rejects.toThrow("spread over 16 partitions and not 8: set PARTITIONS=16");
});

test("takes the number of partitions that is set, and keeps it", async () => {
  await using gochat = await startGoChat({ services: ["messages"], settings: { partitions: 2 } });
  const [kept] = await gochat
    .database("messages")
    .query("SELECT value FROM settings WHERE name = 'partition_count'");
  expect(kept).toEqual({ value: "2" });
  const queues = (await gochat.broker.depths()).map(({ queue }) => queue);
  expect(queues.filter((queue) => queue.includes("message.sent"))).toHaveLength(2);
});
