type Row = Readonly<Record<string, unknown>>;

const fewest = 3;

/**
 * The order in which a list came, such as `updated_at, oldest first`.
 * @returns undefined if there are too few rows to tell, null if no order can be recognised
 */
export function orderOf(rows: readonly Row[]): string | null | undefined {
  if (rows.length < fewest) return undefined;
  for (const field of ['updated_at', 'created_at']) {
    const times = rows.map((row) => Date.parse(String(row[field])));
    const direction = directionOf(times);
    if (direction !== undefined) return `${field}, ${direction === 'up' ? 'oldest' : 'newest'} first`;
  }
  const ids = rows.map((row) => row['id']);
  if (ids.every((id) => typeof id === 'string')) {
    const direction = directionOf(ids);
    if (direction !== undefined) return `id, ${direction === 'up' ? 'rising' : 'falling'}`;
  }
  return null;
}

function directionOf(values: readonly (number | string)[]): 'up' | 'down' | undefined {
  if (values.some((value) => Number.isNaN(value)) || new Set(values).size < 2) return undefined;
  const pairs = values.slice(1).map((value, at) => [values[at] ?? value, value] as const);
  if (pairs.every(([before, after]) => before <= after)) return 'up';
  return pairs.every(([before, after]) => before >= after) ? 'down' : undefined;
}
