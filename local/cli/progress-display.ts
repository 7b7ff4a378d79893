import type { ProgressCounts } from '../run/run-progress.ts';

/** Shows how a run goes on: one line that changes on a terminal, plain lines elsewhere. */
export interface ProgressDisplay {
  show(counts: ProgressCounts, waiting: number): void;
  end(): void;
}

const plainIntervalMilliseconds = 5_000;

export function createProgressDisplay(stream: NodeJS.WriteStream, startedAt: number): ProgressDisplay {
  return stream.isTTY ? liveDisplay(stream, startedAt) : plainDisplay(stream, startedAt);
}

function liveDisplay(stream: NodeJS.WriteStream, startedAt: number): ProgressDisplay {
  return {
    show(counts, waiting) {
      const text = lineOf(counts, waiting, startedAt);
      stream.write(`\r\x1b[2K${text.slice(0, Math.max(20, stream.columns - 1))}`);
    },
    end() {
      stream.write('\r\x1b[2K');
    },
  };
}

function plainDisplay(stream: NodeJS.WriteStream, startedAt: number): ProgressDisplay {
  let last = startedAt;
  return {
    show(counts, waiting) {
      if (Date.now() - last < plainIntervalMilliseconds) return;
      last = Date.now();
      stream.write(`${lineOf(counts, waiting, startedAt)}\n`);
    },
    end() {},
  };
}

function lineOf({ rows, tasks }: ProgressCounts, waiting: number, startedAt: number): string {
  const total = [...rows.values()].reduce((sum, count) => sum + count, 0);
  const largest = [...rows].toSorted((a, b) => b[1] - a[1]).slice(0, 3);
  const tables = largest.map(([name, count]) => `${name} ${count.toLocaleString('en-US')}`).join(', ');
  const seconds = Math.round((Date.now() - startedAt) / 1_000);
  return `${seconds} s  ${total.toLocaleString('en-US')} rows in ${rows.size} tables  ${tasks} tasks done, ${waiting} messages waiting  ${tables}`;
}
