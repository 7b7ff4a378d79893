import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { query } from '../../local/cli/query.ts';
import { commandStatus } from '../../local/cli/run-command.ts';
import { start } from '../../local/cli/start.ts';
import { inProcess, runInside } from './in-process.ts';

export interface Ended {
  /** Exit status; null if a signal ended the process. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Collects the output of a process until it ends. */
export async function endOf(child: ChildProcess): Promise<Ended> {
  let [stdout, stderr] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

export interface StartedProcess {
  readonly ended: Promise<Ended>;
  readonly pid: number;
  /** Ends the process as Ctrl-C does. */
  interrupt(): void;
  /** Sends SIGKILL to the process and to every process that it started. */
  killAll(): void;
}

interface Place {
  readonly cwd: string;
  readonly environment?: Record<string, string>;
}

/** Starts `npm start` as a process, with only the given API settings. */
export function startProcess(args: readonly string[], { cwd, environment }: Place): StartedProcess {
  const script = fileURLToPath(new URL('../../bin/prospect-lake.js', import.meta.url));
  const child = spawn(process.execPath, [script, 'start', ...args], {
    cwd,
    env: { ...inherited(), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  return {
    ended: endOf(child),
    pid: child.pid ?? 0,
    interrupt: () => void child.kill('SIGINT'),
    killAll() {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
    },
  };
}

/** Runs `npm start` and its functions inside this process. Run one at a time: all share the working directory. */
export const runStart = (args: readonly string[], place: Place) =>
  runHere(place, () => commandStatus(start({ startInstance: inProcess }), args));

/** Runs `npx prospect-lake query` inside this process. Run one at a time: all share the working directory. */
export const runQuery = (args: readonly string[], place: Place) => runHere(place, () => commandStatus(query, args));

/** Runs a command inside this process and collects its output. @param work returns the exit status */
export async function runHere({ cwd, environment }: Partial<Place>, work: () => Promise<number>): Promise<Ended> {
  const said = { stdout: '', stderr: '' };
  const before = process.cwd();
  if (cwd !== undefined) process.chdir(cwd);
  try {
    const code = await runInside(
      {
        environment: { ...inherited(), ...environment },
        onOutput: (stream, text) => {
          said[stream] += text;
        },
      },
      work,
    );
    return { code, ...said };
  } finally {
    process.chdir(before);
  }
}

function inherited(): NodeJS.ProcessEnv {
  const { PROSPECTB2B_API_URL: _, PROSPECTB2B_API_KEY: __, ...rest } = process.env;
  return rest;
}
