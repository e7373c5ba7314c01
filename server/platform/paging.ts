// Pages of what a reader may see of what there is. It knows no row and no reader.

/** How many rows are read at first, how many then, and how often at most. */
export interface Lots {
  first: number;
  more: number;
  most: number;
}

/**
 * Gives the part of rows that a reader sees, in their order. The others are passed over here, so
 * that they leave no trace: no page is shorter for them, and no way on begins at one.
 */
export async function* seenInLots<Row, Seen>(
  read: (limit: number, after: Row | undefined) => Promise<Row[]>,
  see: (rows: Row[]) => Promise<Seen[]>,
  { first, more, most }: Lots,
): AsyncGenerator<Seen> {
  let last: Row | undefined;
  for (let times = 0; times < most; times += 1) {
    const limit = times === 0 ? first : more;
    const rows = await read(limit, last);
    if (rows.length) yield* await see(rows);
    if (rows.length < limit) return;
    last = rows.at(-1);
  }
}

/** All rows of a list that is read by offset, a lot of a size at a time. */
export async function* lotsOf<Row>(
  size: number,
  read: (page: { limit: number; offset: number }) => Promise<Row[]>,
): AsyncGenerator<Row[]> {
  for (let offset = 0; ; offset += size) {
    const rows = await read({ limit: size, offset });
    yield rows;
    if (rows.length < size) return;
  }
}

/** The first so many of what comes, and whether there is one more. */
export async function firstOf<One>(
  all: AsyncIterable<One>,
  count: number,
): Promise<{ shown: One[]; isMore: boolean }> {
  const found: One[] = [];
  for await (const one of all) {
    found.push(one);
    if (found.length > count) break;
  }
  return { shown: found.slice(0, count), isMore: found.length > count };
}
