import type { Lease, Leases } from "./cache.ts";
import type { RedisConnection } from "./redis-connection.ts";

/**
 * `…:owners` has when the last lease of each owner ends, `…:of:<owner>` when each of its leases does: sorted sets,
 * scored in milliseconds by Redis' own clock. Each script is one step, whatever other processes do.
 */
const preamble = `
local owners = KEYS[1] .. ':owners'
local function leasesOf(owner) return KEYS[1] .. ':of:' .. owner end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`;

const hold = `${preamble}
local appeared = {}
for i = 2, #ARGV, 2 do
  local owner, id = ARGV[i], ARGV[i + 1]
  local ends = redis.call('ZSCORE', owners, owner)
  if not ends or tonumber(ends) <= now then appeared[#appeared + 1] = owner end
  redis.call('ZREMRANGEBYSCORE', leasesOf(owner), '-inf', now)
  redis.call('ZADD', leasesOf(owner), now + ARGV[1], id)
  redis.call('ZADD', owners, redis.call('ZRANGE', leasesOf(owner), -1, -1, 'WITHSCORES')[2], owner)
end
return appeared
`;

const release = `${preamble}
local touched, gone = {}, {}
for i = 1, #ARGV, 2 do
  if redis.call('ZREM', leasesOf(ARGV[i]), ARGV[i + 1]) == 1 then touched[ARGV[i]] = true end
end
for owner in pairs(touched) do
  local ends = redis.call('ZRANGE', leasesOf(owner), -1, -1, 'WITHSCORES')[2]
  if ends and tonumber(ends) > now then
    redis.call('ZADD', owners, ends, owner)
  else
    redis.call('DEL', leasesOf(owner))
    redis.call('ZREM', owners, owner)
    gone[#gone + 1] = owner
  end
end
return gone
`;

const expire = `${preamble}
local over = redis.call('ZRANGEBYSCORE', owners, '-inf', now, 'LIMIT', 0, ARGV[1])
for _, owner in ipairs(over) do
  redis.call('DEL', leasesOf(owner))
  redis.call('ZREM', owners, owner)
end
return over
`;

const heldOfAll = `${preamble}
return redis.call('ZRANGEBYSCORE', owners, '(' .. string.format('%.0f', now), '+inf')
`;

const heldOfThese = `${preamble}
local held = {}
for i, ends in ipairs(redis.call('ZMSCORE', owners, unpack(ARGV))) do
  if ends and tonumber(ends) > now then held[#held + 1] = ARGV[i] end
end
return held
`;

/** Redis does nothing else while a script runs: a few milliseconds at most. */
const maxAtOnce = 500;

export class RedisLeases implements Leases {
  readonly #connection: RedisConnection;
  readonly #key: string;

  constructor(connection: RedisConnection, key: string) {
    this.#connection = connection;
    this.#key = key;
  }

  hold(leases: readonly Lease[], ttlMs: number): Promise<string[]> {
    return this.#runForAll(hold, leases, (those) => [String(ttlMs), ...those.flatMap(pairOf)]);
  }

  release(leases: readonly Lease[]): Promise<string[]> {
    return this.#runForAll(release, leases, (those) => those.flatMap(pairOf));
  }

  /** What was removed is told also where Redis stops answering half-way: nobody would hear of it again. */
  async expire(): Promise<string[]> {
    const gone: string[] = [];
    for (;;) {
      const asked = this.#run(expire, [String(maxAtOnce)]);
      const over = gone.length === 0 ? await asked : await asked.catch(() => []);
      gone.push(...over);
      if (over.length < maxAtOnce) return gone;
    }
  }

  held(owners?: readonly string[]): Promise<string[]> {
    if (!owners) return this.#run(heldOfAll, []);
    return this.#runForAll(heldOfThese, [...new Set(owners)], (those) => [...those]);
  }

  /** In parts, all of them on their way at once; they take effect in order. */
  async #runForAll<Item>(
    script: string,
    items: readonly Item[],
    argumentsOf: (part: readonly Item[]) => string[],
  ): Promise<string[]> {
    const parts: Promise<string[]>[] = [];
    for (let from = 0; from < items.length; from += maxAtOnce) {
      parts.push(this.#run(script, argumentsOf(items.slice(from, from + maxAtOnce))));
    }
    return [...new Set((await Promise.all(parts)).flat())];
  }

  #run(script: string, parameters: string[]): Promise<string[]> {
    const options = { keys: [this.#key], arguments: parameters };
    return this.#connection.run(async (client) => (await client.eval(script, options)) as string[]);
  }
}

function pairOf({ owner, id }: Lease): [string, string] {
  return [owner, id];
}
