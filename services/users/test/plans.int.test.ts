import type { Queryable } from "@gochat/database/database";
import { startGoChat } from "@gochat/testing/gochat";
import { expect, test } from "vitest";
import { readDirectoryQuery, writeCursor } from "../src/directory-query.ts";
import { listPeople } from "../src/store.ts";

const id = "0b0e7a5c-7d0e-4f44-9e39-0d6a3c7f3f11";

test("each order of the directory is read from an index, not by looking at everybody", async () => {
  await using gochat = await startGoChat({ services: ["users"] });
  const database = gochat.database("users");
  await database.query(
    `INSERT INTO people (id, username, online)
     SELECT gen_random_uuid(), 'user' || n, n % 7 = 0 FROM generate_series(1, 20000) AS n`,
  );
  await database.query("ANALYZE people");
  const plans: string[] = [];
  const explaining: Queryable = {
    async query(sql, values) {
      const rows = await database.query<{ "QUERY PLAN": string }>(
        `EXPLAIN (ANALYZE, BUFFERS OFF) ${sql}`,
        values,
      );
      plans.push(rows.map((row) => row["QUERY PLAN"]).join("\n"));
      return [];
    },
  };

  for (const sort of ["status", "username"] as const) {
    for (const direction of ["asc", "desc"] as const) {
      const query = readDirectoryQuery({ sort, direction, q: "user1" });
      const cursor = writeCursor(query, { online: true, username: "user15", id });
      await listPeople(explaining, query);
      await listPeople(explaining, readDirectoryQuery({ sort, direction, q: "user1", cursor }));
    }
  }
  expect(plans).toHaveLength(8);
  for (const plan of plans) {
    expect(plan).toMatch(/Index (Only )?Scan( Backward)? using people_by_(status|username)/);
    expect(plan).not.toMatch(/Seq Scan|Bitmap/);
  }
});
