import { pipe, type Terminal, terminalOf } from './terminal.ts';

/** Shows progress: on a terminal one line that is rewritten, otherwise a line every now and then. */
export interface ProgressDisplay {
  readonly terminal: Terminal;
  /** Prints a line that stays. */
  note(text: string): void;
  /** Replaces the status line. */
  show(text: string): void;
  end(): void;
}

/** Without a terminal, progress lines get rarer: after `after` seconds of a run, there is one every `every` seconds. */
const plainIntervals = [
  { after: 600, every: 60 },
  { after: 60, every: 30 },
  { after: 0, every: 5 },
];

export function createProgressDisplay(stream: NodeJS.WriteStream): ProgressDisplay {
  const terminal = terminalOf(stream);
  return stream.isTTY ? liveDisplay(stream, terminal) : plainDisplay(stream, terminal);
}

/** For callers that show no progress. */
export const noProgress: ProgressDisplay = { terminal: pipe, note() {}, show() {}, end() {} };

function liveDisplay(stream: NodeJS.WriteStream, terminal: Terminal): ProgressDisplay {
  const clear = '\r\x1b[2K';
  let shown = '';
  return {
    terminal,
    note: (text) => void stream.write(`${clear}${text}\n`),
    show(text) {
      if (text !== shown) stream.write(`${clear}${text}`);
      shown = text;
    },
    end() {
      if (shown !== '') stream.write(clear);
      shown = '';
    },
  };
}

function plainDisplay(stream: NodeJS.WriteStream, terminal: Terminal): ProgressDisplay {
  const startedAt = Date.now();
  let last = startedAt;
  return {
    terminal,
    note: (text) => void stream.write(`${text}\n`),
    show(text) {
      const seconds = (Date.now() - startedAt) / 1_000;
      const every = plainIntervals.find(({ after }) => seconds >= after)?.every ?? 0;
      if (Date.now() - last < every * 1_000) return;
      last = Date.now();
      stream.write(`${text}\n`);
    },
    end() {},
  };
}
