import { extendDigest, firstDigest, toBase64 } from "@gochat/contracts/digest";
import type { Message } from "@gochat/contracts/http/conversations";
import { expect, test } from "vitest";
import { fillConversations } from "./fill/conversations.ts";
import { type FilledPerson, fillPeople } from "./fill/people.ts";
import { measureReads } from "./reads.ts";
import { startServer } from "./server.ts";
import { temporaryFolder } from "./target.ts";

test("what is filled in reads like what was said, and every reading has a figure", {
  timeout: 180_000,
}, async () => {
  await using folder = await temporaryFolder();
  await using server = await startServer(folder.path);
  const [ada, ben] = (await fillPeople(server, 2, "pair")) as [FilledPerson, FilledPerson];
  const [id = ""] = await fillConversations(server, [[ada, ben]], 3);
  const path = `${server.url}/api/conversations/${id}/messages`;
  const answer = await fetch(path, { headers: { cookie: ada.cookie } });
  const { messages, headSeq } = (await answer.json()) as {
    messages: Message[];
    headSeq: number;
  };
  expect([headSeq, messages.map(({ seq }) => seq)]).toEqual([3, [1, 2, 3]]);
  let digest = firstDigest(id);
  for (const message of messages) {
    digest = extendDigest(digest, message);
    expect(message.digest).toBe(toBase64(digest));
  }
  const figures = await measureReads(server, { scale: 0.001, seconds: 0.3 });
  expect(figures.length).toBeGreaterThan(20);
  for (const { value } of figures) expect(value).toBeGreaterThan(0);
});
