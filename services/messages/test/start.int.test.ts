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
  await expect(starting).rejects.toThrow("spread over 16 partitions");
});
