/** Of counts, or shares, by name: all of them together. */
export function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** Two by two, so many times: the first with the second, the third with the fourth. */
export function twoByTwo<Item>(items: readonly Item[], count = Math.floor(items.length / 2)): [Item, Item][] {
  return Array.from({ length: count }, (_, index) => [items[2 * index]!, items[2 * index + 1]!]);
}
