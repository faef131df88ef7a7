import { CacheUnavailableError } from "@gochat/cache/cache";
import { userOnline } from "@gochat/contracts/events/user-events";
import { startGoChat } from "@gochat/testing/gochat";
import { expect, test } from "vitest";

test("without the directory for guests they must sign in, people see it", async () => {
  await using gochat = await startGoChat({ services: ["users"], settings: { guestDirectory: false } });
  const ana = await gochat.person("ana");
  for (const path of ["/api/users", `/api/users/${ana.id}`]) {
    const refused = await gochat.guest().request("GET", path);
    expect(refused).toMatchObject({ status: 401, body: { code: "UNAUTHENTICATED" } });
    expect((await ana.request("GET", path)).status).toBe(200);
  }
});

test("while the cache is away the directory answers, with unknown status, and keeps learning", async () => {
  await using gochat = await startGoChat({ services: ["users"] });
  const ana = await gochat.person("ana");
  const { get, set, increment } = gochat.cache;
  const unavailable = () => Promise.reject(new CacheUnavailableError());
  Object.assign(gochat.cache, { get: unavailable, set: unavailable, increment: unavailable });
  await gochat.broker.publish(userOnline, [{ userId: ana.id, at: "2030-01-01T00:00:00.000Z" }]);
  await gochat.settle();

  const { body } = await ana.request("GET", "/api/users");
  expect(body.users).toMatchObject([{ id: ana.id, status: "unknown" }]);
  expect((await ana.request("GET", `/api/users/${ana.id}`)).body.user.status).toBe("unknown");

  Object.assign(gochat.cache, { get, set, increment });
  expect((await ana.request("GET", "/api/users")).body.users).toMatchObject([
    { id: ana.id, status: "online" },
  ]);
});
