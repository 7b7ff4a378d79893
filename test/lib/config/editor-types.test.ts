import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { type StreamName, streams } from '../../../lambdas/streams/registry.ts';
import { parseWorkspace } from '../../../lib/config/config.ts';
import { configurationFields } from '../../../tools/configuration-page.ts';
import { workspaceInput } from '../../../tools/workspace-input.ts';

it('an editor can suggest the names of the streams', () => {
  const known: StreamName[] = ['leads', 'lead_messages'];
  // @ts-expect-error If the type were any text, an editor would suggest nothing, and this line would be an error.
  const unknown: StreamName = 'nonsense';
  const names = streams.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(known));
  expect(names).not.toContain(unknown);
});

it('the compiler refuses a misspelled stream, and takes a list that cannot be changed', () => {
  const chosen = ['leads', 'lead_messages'] as const;
  expect(parseWorkspace({ name: 'main', streams: chosen }).streams).toEqual(chosen);
  // @ts-expect-error The list of names is closed.
  expect(() => parseWorkspace({ name: 'main', streams: ['leeds'] })).toThrow("there is no stream 'leeds'");
});

it('an editor shows the description and the default of every field', () => {
  const file = readFileSync(new URL('../../../lib/config/workspace-input.ts', import.meta.url), 'utf8');
  expect(file).toBe(workspaceInput());
  const comments = file
    .split('\n')
    .filter((line) => line.trim().startsWith('/**'))
    .map((line) => line.trim());
  for (const { description, default: preset } of configurationFields()) {
    const start = `/** ${description.split('[')[0]}`;
    const end = preset === undefined ? '. */' : `. @default ${preset} */`;
    expect(
      comments.filter((line) => line.startsWith(start) && line.endsWith(end)),
      start,
    ).not.toEqual([]);
  }
});
