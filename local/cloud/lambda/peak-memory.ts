/** Imports no package, so that a function's process starts fast. */

import { readFileSync } from 'node:fs';

/**
 * Peak memory of this process. `resourceUsage` is not used on Linux: there a child process starts with the peak of its
 * parent.
 */
export function peakBytes(): number {
  try {
    const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    if (kibibytes !== undefined) return Number(kibibytes) * 1_024;
  } catch {
    // Not Linux.
  }
  return process.resourceUsage().maxRSS * 1_024;
}
