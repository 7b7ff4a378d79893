import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { z } from 'zod';

/** A line of output. Singer names the stream beside the record, the Airbyte protocol inside it. */
const message = z.union([
  z.object({ type: z.literal('RECORD'), stream: z.string() }),
  z.object({ type: z.literal('RECORD'), record: z.object({ stream: z.string() }) }),
]);

/** Number of records in a file of messages, one per line, by stream. */
export async function recordsByStream(file: string): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for await (const line of createInterface({ input: createReadStream(file) })) {
    if (!/"type": ?"RECORD"/.test(line)) continue;
    const record = message.parse(JSON.parse(line));
    const stream = 'stream' in record ? record.stream : record.record.stream;
    counts.set(stream, (counts.get(stream) ?? 0) + 1);
  }
  return counts;
}
