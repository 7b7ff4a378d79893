#!/usr/bin/env node
// The program. In a checkout it runs the TypeScript sources, on Node 24; in the package, what was compiled from them.
import { existsSync } from 'node:fs';
import module from 'node:module';
import { fileURLToPath } from 'node:url';

const source = new URL('../program/run.ts', import.meta.url);
if (existsSync(source)) {
  await import('./require-node-24.js');
  // Node keeps what it compiles. That halves the time to load a command.
  module.enableCompileCache(fileURLToPath(new URL('../.cache/compiled', import.meta.url)));
  await import(source.href);
} else {
  await import(new URL('../dist/program/run.js', import.meta.url).href);
}
