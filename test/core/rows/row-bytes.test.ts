import { expect, it } from 'vitest';
import { byteText } from '../../../lambdas/core/rows/charsets.ts';
import { decodeRow } from '../../../lambdas/core/rows/row-bytes.ts';
import { sliceList } from '../../../lambdas/core/rows/json-slices.ts';

const rowsOf = (...rows: Buffer[]) => {
  const list = rows.flatMap((row, index) => (index === 0 ? [row] : [Buffer.from(','), row]));
  const end = '],"pagination":{"next_cursor":null,"has_more":false}}';
  return sliceList(byteText(Buffer.concat([Buffer.from('{"data":['), ...list, Buffer.from(end)]))).rows.map(decodeRow);
};

it('only a row with bytes that are not UTF-8 is read as windows-1252, and keeps its bytes', () => {
  const bad = Buffer.from('{"id":"l1","name":"José"}', 'latin1');
  expect(rowsOf(Buffer.from('{"name":"日本"}'), bad, Buffer.from('{"name":"Zoë"}'))).toEqual([
    '{"name":"日本"}',
    `{"_bytes":"${bad.toString('base64')}","id":"l1","name":"José"}`,
    '{"name":"Zoë"}',
  ]);
});

it('a value that is not a row keeps its bytes as well', () => {
  const bad = Buffer.from('"José"', 'latin1');
  expect(rowsOf(bad)).toEqual([`{"_bytes":"${bad.toString('base64')}","row":"José"}`]);
});
