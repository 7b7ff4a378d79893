import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { bundle } from '../../lib/bundling.ts';
import { functions } from '../../lib/functions.ts';

const folder = mkdtempSync(join(tmpdir(), 'bundling-'));
afterAll(() => rmSync(folder, { recursive: true }));
const root = resolve(import.meta.dirname, '../..');

describe.each(Object.entries(functions))('the bundle of %s', (name, { entry }) => {
  const near = join(folder, name);
  bundle(entry, near);
  const code = readFileSync(join(near, 'index.mjs'), 'utf8');
  const map = readFileSync(join(near, 'index.mjs.map'), 'utf8');

  it('is one module that exports the handler and imports only Node', () => {
    expect(code).toMatch(/export\{[^}]*\bas handler\b[^}]*\}/);
    const imported = [...code.matchAll(/\bfrom\s*"([^"]+)"/g)].map(([, module = '']) => module);
    expect(imported.filter((module) => !module.startsWith('node:') && !isBuiltin(module))).toEqual([]);
    expect(code).not.toContain('Dynamic require of');
  });

  it('has the files beside it that it reads', () => {
    const read = [...code.matchAll(/new URL\("([^"/]+)",\s*import\.meta\.url\)/g)].map(([, file = '']) => file);
    // A small refresh is published by the function that refreshes.
    expect(read).toEqual(['publish', 'refresh'].includes(name) ? ['page.html'] : []);
    for (const file of read) expect(readFileSync(join(near, file)).length).toBeGreaterThan(0);
  });

  it('has a source map of the own code only: a whole one would take 20 MiB of memory at the first stack trace', () => {
    const { sources } = z.object({ sources: z.array(z.string()) }).parse(JSON.parse(map));
    expect(sources.filter((source) => source.includes('node_modules'))).toEqual([]);
    expect(map.length).toBeLessThan(500_000);
  });

  it('names no folder of this machine', () => {
    expect(code.includes(root) || map.includes(root)).toBe(false);
    const { sources } = z.object({ sources: z.array(z.string()) }).parse(JSON.parse(map));
    expect(sources).toContain(`../../${entry}`);
  });
});
