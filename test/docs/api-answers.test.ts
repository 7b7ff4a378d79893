import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/api-answers.md'), 'utf8');
const sentences = [...page.matchAll(/^\|.*\| `([^`|]+)` \|$/gm)].map(([, sentence = '']) => sentence);
const tests = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts') && !file.includes('api-answers'))
  .map((file) => readFileSync(join(root, 'test', file), 'utf8'));

it.each(sentences)('the page on answers of the API names a test that exists: %s', (sentence) => {
  expect(tests.some((text) => text.includes(`'${sentence}'`))).toBe(true);
});

it('each row that is not written from the rules names one', () => {
  const written = page.split('<!-- /answers -->')[1] ?? '';
  expect(written.match(/^\| (?!the API)[^-]/gm)).toHaveLength(sentences.length);
});
