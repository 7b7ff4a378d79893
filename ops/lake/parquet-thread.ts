import { parentPort } from 'node:worker_threads';
import { isReadable } from '../../lambdas/core/rows/parquet/read.ts';

/** The thread of parquet-check.ts: answers each file that it is sent. */
parentPort?.on('message', (bytes: Uint8Array) => {
  void isReadable(bytes).then((readable) => parentPort?.postMessage(readable, []));
});

// Of a damaged file columns fail that nobody waits for any more.
process.on('unhandledRejection', () => undefined);
