/** Shows progress: on a terminal one line that is rewritten, otherwise a line every five seconds. */
export interface ProgressDisplay {
  /** Prints a line that stays. */
  note(text: string): void;
  /** Replaces the status line. */
  show(text: string): void;
  end(): void;
}

const plainIntervalMilliseconds = 5_000;

export function createProgressDisplay(stream: NodeJS.WriteStream): ProgressDisplay {
  return stream.isTTY ? liveDisplay(stream) : plainDisplay(stream);
}

/** For callers that show no progress. */
export const noProgress: ProgressDisplay = { note() {}, show() {}, end() {} };

function liveDisplay(stream: NodeJS.WriteStream): ProgressDisplay {
  const clear = '\r\x1b[2K';
  return {
    note: (text) => void stream.write(`${clear}${text}\n`),
    show: (text) => void stream.write(`${clear}${text.slice(0, Math.max(20, stream.columns - 1))}`),
    end: () => void stream.write(clear),
  };
}

function plainDisplay(stream: NodeJS.WriteStream): ProgressDisplay {
  let last = Date.now();
  return {
    note: (text) => void stream.write(`${text}\n`),
    show(text) {
      if (Date.now() - last < plainIntervalMilliseconds) return;
      last = Date.now();
      stream.write(`${text}\n`);
    },
    end() {},
  };
}
