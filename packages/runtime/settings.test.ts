import { StartError } from "@gochat/database/start-error";
import { describe, expect, test } from "vitest";
import { readSettings } from "./settings.ts";

describe("the settings", () => {
  test("have defaults", () => {
    expect(readSettings({})).toMatchObject({
      port: 3000,
      listenAddress: undefined,
      dataFolder: `${process.cwd()}/data`,
      publicUrl: undefined,
      trustedProxies: [],
      guestDirectory: true,
      rateLimits: true,
      partitions: 8,
      queueType: "quorum",
      logLevel: "info",
      production: false,
    });
  });

  test.each([
    [{ GOCHAT_PROT: "3000" }, "GOCHAT_PROT"],
    [{ PORT: "http" }, "PORT=http"],
    [{ PORT: "65536" }, "PORT=65536"],
    [{ PORT: "-1" }, "PORT=-1"],
    [{ LISTEN_ADDRESS: "localhost" }, "LISTEN_ADDRESS=localhost"],
    [{ GOCHAT_DATA: " " }, "GOCHAT_DATA"],
    [{ PUBLIC_URL: "chat.example.org" }, "PUBLIC_URL"],
    [{ PUBLIC_URL: "https://chat.example.org/chat" }, "PUBLIC_URL"],
    [{ TRUSTED_PROXIES: "proxy.example.org" }, "TRUSTED_PROXIES"],
    [{ TRUSTED_PROXIES: "loopback, 10.0.0.0/33" }, "10.0.0.0/33"],
    [{ TRUSTED_PROXIES: "0.0.0.0/0" }, "0.0.0.0/0"],
    [{ GUEST_DIRECTORY: "no" }, "GUEST_DIRECTORY=no"],
    [{ PARTITIONS: "0" }, "PARTITIONS=0"],
    [{ PARTITIONS: "65" }, "PARTITIONS=65"],
    [{ PARTITIONS: "2.5" }, "PARTITIONS=2.5"],
    [{ QUEUE_TYPE: "stream" }, "QUEUE_TYPE=stream must be one of quorum, classic."],
    [{ LOG_LEVEL: "loud" }, "LOG_LEVEL=loud"],
    [{ DATABASE_URL: "mysql://x" }, "DATABASE_URL"],
    [{ NODE_ENV: "production", RATE_LIMITS: "off" }, "RATE_LIMITS"],
    [{ NODE_ENV: "production", BROKER_URL: "amqp://guest:guest@broker" }, "BROKER_URL"],
    [{ NODE_ENV: "production", DATABASE_URL: "postgres://messages:messages@db/messages" }, "DATABASE_URL"],
    [{ NODE_ENV: "production", CACHE_URL: "redis://:changeme@cache" }, "CACHE_URL"],
    [{ NODE_ENV: "production", CACHE_URL: "redis://:changeme@localhost" }, "CACHE_URL"],
    [{ BROKER_URL: "amqp://guest:guest@broker" }, "BROKER_URL has a password that everybody knows"],
    [{ NODE_ENV: "test", DATABASE_URL: "postgres://x:postgres@127.0.0.1.example.org" }, "DATABASE_URL"],
    [{ DATABASE_URL: "postgres://a:50%@h/x" }, "DATABASE_URL has a % that must be written as %25."],
    [{ BROKER_URL: "amqp://a%:b@h" }, "BROKER_URL has a % that must be written as %25."],
    [{ CACHE_URL: "redis://:%zz@h" }, "CACHE_URL has a % that must be written as %25."],
    [{ DATABASE_URL: "postgres://a:b@h/100%" }, "DATABASE_URL has a % that must be written as %25."],
  ])("refuse %o and name it", (environment, name) => {
    expect(() => readSettings(environment)).toThrow(StartError);
    expect(() => readSettings(environment)).toThrow(name);
  });

  test("take proxies by address, by range and by the word loopback", () => {
    const { trustedProxies } = readSettings({
      TRUSTED_PROXIES: "loopback, 10.0.0.0/8,2001:db8::/32,192.0.2.1",
    });
    expect(trustedProxies).toEqual(["loopback", "10.0.0.0/8", "2001:db8::/32", "192.0.2.1"]);
  });

  test("take well-known passwords while developing, and in production those that nobody can know", () => {
    for (const host of ["localhost", "127.0.0.1:5673", "[::1]"]) {
      const guest = `amqp://guest:guest@${host}`;
      expect(readSettings({ BROKER_URL: guest }).brokerUrl).toBe(guest);
    }
    const elsewhere = "amqp://guest:guest@broker";
    expect(readSettings({ NODE_ENV: "development", BROKER_URL: elsewhere }).brokerUrl).toBe(elsewhere);
    const made = "amqp://gochat:Zk3-vJ9_x@broker";
    expect(readSettings({ NODE_ENV: "production", BROKER_URL: made }).brokerUrl).toBe(made);
    // A certificate, or the rights of the machine's user, in place of a password.
    const without = "postgres://messages@db/messages";
    expect(readSettings({ NODE_ENV: "production", DATABASE_URL: without }).databaseUrl).toBe(without);
  });

  test("never print a URL that may hold a password", () => {
    expect(() => readSettings({ BROKER_URL: "http://ana:secret@broker" })).toThrow(/^(?!.*secret)/);
  });
});
