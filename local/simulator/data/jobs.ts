import { iso } from './calendar.ts';
import { draw, kindOf, pick } from './seed.ts';
import { between, type ComputedTable, type Ground, idTable, scaled } from './table.ts';

const minute = 60_000;
const lines = ['Queued', 'Started', 'Read 500 rows', 'Wrote 500 rows', 'Retried after a time-out', 'Finished ✅'];
const refusals = [
  'E-mail address is not valid',
  'Duplicate of row 4',
  'Column "company" is empty',
  'Teléfono inválido',
];

/** Jobs with their events, imports with the rows they refused, and exports. An epoch adds a job. */
export function jobs(ground: Ground): ComputedTable[] {
  const { calendar, seed } = ground;
  const jobBase = scaled(ground.leads, 40, 10, 500);
  const rota = ground.rota('jobs', { base: jobBase, added: 1 });
  const jobKind = kindOf('jobs');
  const startedAt = (job: number) => {
    const birth = rota.birth(job);
    return birth === 0 ? calendar.past((job + 0.5) / (jobBase + 1)) : calendar.change(birth, 0, 1);
  };

  const importBase = scaled(ground.leads, 100, 5, 100);
  const importKind = kindOf('imports');
  const errorCount = (job: number) => (job === 0 ? 130 : between(0, 8, seed.bits(importKind, 0, job), 1));
  const importedAt = (job: number) => calendar.past((job + 0.5) / (importBase + 1));
  const exportBase = scaled(ground.leads, 400, 3, 50);

  return [
    idTable(ground, {
      name: 'jobs',
      size: () => rota.total,
      fields: ({ position: job }, bits, id) => {
        const status = pick(['completed', 'completed', 'completed', 'failed', 'running'], bits, 1);
        const start = startedAt(job);
        return {
          id,
          object: 'job',
          created_at: iso(start),
          updated_at: iso(start),
          type: pick(['import', 'export', 'enrichment', 'campaign_publish'], bits, 2),
          status,
          started_at: iso(start),
          finished_at: status === 'running' ? null : iso(start + (rota.birth(job) === 0 ? minute : 0)),
          progress: status === 'completed' ? 1 : (draw(bits, 3) % 100) / 100,
          result: status === 'completed' ? { processed: draw(bits, 4) % 5_000, notes: ['ok'] } : null,
          error: status === 'failed' ? { code: 'upstream_timeout', retryable: true } : undefined,
        };
      },
    }),
    idTable(ground, {
      name: 'job_events',
      parent: 'jobs',
      size: (job) => between(1, 5, seed.bits(jobKind, 1, job), 1),
      fields: ({ parent: job }, bits, id) => ({
        id,
        object: 'job_event',
        created_at: iso(startedAt(job)),
        updated_at: iso(startedAt(job)),
        level: pick(['info', 'info', 'warning'], bits, 1),
        message: pick(lines, bits, 2),
      }),
    }),
    idTable(ground, {
      name: 'imports',
      size: () => importBase,
      fields: ({ position: job }, bits, id) => {
        const total = between(200, 900, bits, 2);
        return {
          id,
          object: 'import',
          created_at: iso(importedAt(job)),
          updated_at: iso(importedAt(job) + minute),
          status: 'completed',
          name: `Import ${job + 1}`,
          file_name: draw(bits, 3) % 9 === 0 ? null : `leads-${job + 1}.csv`,
          total_rows: total,
          imported_rows: total - errorCount(job),
          error_count: errorCount(job),
        };
      },
    }),
    {
      name: 'import_errors',
      parent: 'imports',
      size: errorCount,
      handle: (_job, position) => position,
      row: (job, position) => ({
        row: position * 3 + 2,
        message: pick(refusals, seed.bits(importKind, job + 1, position), 1),
      }),
    },
    idTable(ground, {
      name: 'exports',
      size: () => exportBase,
      fields: ({ position: job }, bits, id) => {
        const failed = job % 4 === 2;
        const time = calendar.past((job + 0.5) / (exportBase + 1));
        return {
          id,
          object: 'export',
          created_at: iso(time),
          updated_at: iso(time + minute),
          status: failed ? 'failed' : 'completed',
          row_count: failed ? null : between(50, ground.leads, bits, 1),
          file_key: failed ? null : fileKey(id),
          error_message: failed ? 'The export took too long.' : null,
        };
      },
    }),
  ];
}

/** Key of an export's file in the vendor's storage. */
export function fileKey(exportId: string): string {
  return `exports/${exportId}.csv`;
}
