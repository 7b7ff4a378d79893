import { iso } from './calendar.ts';
import { draw, pick } from './seed.ts';
import { between, type Id, scaled, type SeedData, type TableSpec, timeOf } from './table.ts';

const minute = 60_000;
const lines = ['Queued', 'Started', 'Read 500 rows', 'Wrote 500 rows', 'Retried after a time-out', 'Finished ✅'];
const refusals = [
  'E-mail address is not valid',
  'Duplicate of row 4',
  'Column "company" is empty',
  'Teléfono inválido',
];

/** Jobs with their events, imports with the rows that were refused, and exports. */
export function jobs(seedData: SeedData): TableSpec[] {
  const { calendar } = seedData;
  const jobCount = scaled(seedData.leads, 40, 10, 500);
  const importCount = scaled(seedData.leads, 100, 5, 100);
  const exportCount = scaled(seedData.leads, 400, 3, 50);
  const errors = (job: number) => (job === 0 ? 130 : between(0, 8, seedData.bits('imports', 0, job), 1));

  return [
    {
      name: 'jobs',
      size: () => jobCount,
      row: ({ position: job }, bits, id) => {
        const status = pick(['completed', 'completed', 'completed', 'failed', 'running'], bits, 1);
        const start = calendar.past((job + 0.5) / (jobCount + 1));
        return {
          id,
          object: 'job',
          created_at: iso(start),
          updated_at: iso(start),
          type: pick(['import', 'export', 'enrichment', 'campaign_publish'], bits, 2),
          status,
          started_at: iso(start),
          finished_at: status === 'running' ? null : iso(start + minute),
          progress: status === 'completed' ? 1 : (draw(bits, 3) % 100) / 100,
          result: status === 'completed' ? { processed: draw(bits, 4) % 5_000, notes: ['ok'] } : null,
          error: status === 'failed' ? { code: 'upstream_timeout', retryable: true } : undefined,
        };
      },
    },
    {
      name: 'job_events',
      parent: 'jobs',
      size: (job) => between(1, 5, seedData.bits('jobs', 1, job), 1),
      row: ({ parent }, bits, id) => ({
        id,
        object: 'job_event',
        created_at: iso(timeOf(parent, 'created_at')),
        updated_at: iso(timeOf(parent, 'created_at')),
        level: pick(['info', 'info', 'warning'], bits, 1),
        message: pick(lines, bits, 2),
      }),
    },
    {
      name: 'imports',
      size: () => importCount,
      row: ({ position: job }, bits, id) => {
        const time = calendar.past((job + 0.5) / (importCount + 1));
        const total = between(200, 900, bits, 2);
        return {
          id,
          object: 'import',
          created_at: iso(time),
          updated_at: iso(time + minute),
          status: 'completed',
          name: `Import ${job + 1}`,
          file_name: draw(bits, 3) % 9 === 0 ? null : `leads-${job + 1}.csv`,
          total_rows: total,
          imported_rows: total - errors(job),
          error_count: errors(job),
        };
      },
    },
    {
      name: 'import_errors',
      parent: 'imports',
      size: errors,
      // Import errors have no id.
      row: ({ position }, bits) => ({
        row: Math.floor(position / seedData.importErrorsPerRow) * 3 + 2,
        message: pick(refusals, bits, 1, position),
      }),
    },
    {
      name: 'exports',
      size: () => exportCount,
      row: ({ position: job }, bits, id) => {
        const isFailed = job % 4 === 2;
        const time = calendar.past((job + 0.5) / (exportCount + 1));
        return {
          id,
          object: 'export',
          created_at: iso(time),
          updated_at: iso(time + minute),
          status: isFailed ? 'failed' : 'completed',
          row_count: isFailed ? null : between(50, seedData.leads, bits, 1),
          file_key: isFailed ? null : fileKey(id),
          error_message: isFailed ? 'The export took too long.' : null,
        };
      },
    },
  ];
}

/** Key of an export's file in the vendor's storage. */
export function fileKey(exportId: Id): string {
  return `exports/${exportId}.csv`;
}
