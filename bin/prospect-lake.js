#!/usr/bin/env node
// The program. In a checkout it runs the TypeScript sources, on Node 24; in the package, what was compiled from them.
import { existsSync } from 'node:fs';

const source = new URL('../program/run.ts', import.meta.url);
if (existsSync(source)) {
  await import('./require-node-24.js');
  await import(source.href);
} else {
  await import(new URL('../dist/program/run.js', import.meta.url).href);
}
