import type { Log, Metrics } from '../../lambdas/core/ports.ts';

/** Keeps log lines for the test to read. */
export class MemoryLog implements Log {
  readonly lines: { level: string; message: string; fields: Record<string, unknown> }[] = [];

  info(message: string, fields: Record<string, unknown> = {}): void {
    this.lines.push({ level: 'info', message, fields });
  }

  warn(message: string, fields: Record<string, unknown> = {}): void {
    this.lines.push({ level: 'warn', message, fields });
  }

  error(message: string, fields: Record<string, unknown> = {}): void {
    this.lines.push({ level: 'error', message, fields });
  }
}

export class MemoryMetrics implements Metrics {
  readonly counts = new Map<string, number>();

  count(name: string, value: number): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + value);
  }
}
