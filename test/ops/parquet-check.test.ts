import { expect, it } from 'vitest';
import { tableOf } from '../../lambdas/contract/stream.ts';
import { writeParquet } from '../../lambdas/core/rows/parquet/write.ts';
import { streamNamed } from '../../lambdas/streams/registry.ts';
import { canBeRead } from '../../ops/lake/parquet-check.ts';

const table = tableOf(streamNamed('leads'));
const blank = Object.fromEntries(Object.keys(table.columns).map((name) => [name, null]));
const row = { ...blank, id: 'x', full_name: 'Somebody', _run_id: 'r', _extracted_at: new Date(0) };
const whole = writeParquet(table, [row, row]);

it('a file of the lake can be read, and one that is cut off or holds something else cannot', async () => {
  expect(await canBeRead(whole)).toBe(true);
  expect(await canBeRead(whole.slice(0, 40))).toBe(false);
  expect(await canBeRead(new Uint8Array(whole.length))).toBe(false);
});

it('a file of which a byte was changed is answered in time, whichever it is, and the next one as well', {
  timeout: 120_000,
}, async () => {
  const starts = whole.length - 600;
  const changed = Array.from({ length: 60 }, (_, at) => {
    const bytes = whole.slice();
    const place = (at * 37) % starts;
    bytes[place] = (bytes[place] ?? 0) ^ 255;
    return bytes;
  });
  const answers = await Promise.all(changed.flatMap((bytes) => [canBeRead(bytes), canBeRead(whole)]));
  expect(answers.filter((_, at) => at % 2 === 1)).not.toContain(false);
  expect(answers).toContain(false);
});
