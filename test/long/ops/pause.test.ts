/** The commands that start, pause and resume the runs of a deployment. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { reportKey } from '../../../lambdas/contract/object-keys.ts';
import { runIdOf } from '../../../lambdas/core/runs/run-ids.ts';
import { backfill } from '../../../ops/commands/backfill.ts';
import { pause, resume } from '../../../ops/commands/pause.ts';
import { run } from '../../../ops/commands/run.ts';
import { status } from '../../../ops/commands/status.ts';
import type { Target } from '../../../ops/target.ts';
import { carryOut } from '../../support/carry-out.ts';
import type { EventWorld } from '../../support/event-world.ts';
import { readLakeFolder } from '../../support/lake-folder.ts';
import { startOpsWorld } from '../../support/ops-world.ts';

let world: EventWorld;
let target: Target;
let end: () => Promise<void>;
beforeAll(async () => {
  ({ world, target, end } = await startOpsWorld(['campaigns']));
}, 180_000);
afterAll(() => end());

describe('a pipeline', { timeout: 60_000 }, () => {
  it('runs a night when it is told to, as the schedule would', async () => {
    const { told, outcome } = await carryOut(await run.prepare(target, { fullRefresh: false }));
    expect(told).toBe('Starts a nightly run of workspace main now. The next scheduled run is not affected.');
    const { runId } = z.object({ runId: z.string() }).parse(outcome.data);
    expect(outcome).toMatchObject({
      ok: true,
      data: { started: true, report: { kind: 'nightly', status: 'complete' } },
    });
    expect(await world.report(runId)).toMatchObject({ status: 'complete' });
    expect(outcome.lines.join()).toContain(`Run ${runId} is complete: `);
  });

  it('does nothing while it is paused, and continues when it is resumed', async () => {
    await carryOut(await pause.prepare(target, {}));
    expect(await run.prepare(target, { fullRefresh: false })).toMatchObject({
      ok: false,
      lines: ['The workspace is paused, so no run is started. Let it go on: npx prospect-lake ops resume'],
    });
    expect((await status.read(target, {})).data).toMatchObject({ paused: true });
    const tick = new Date(Date.now() - 3_600_000);
    expect(await world.cloud.fire('plan', tick)).toBeUndefined();
    expect((await readLakeFolder(world.out)).objects.has(reportKey(runIdOf('nightly', tick)))).toBe(false);
    const prepared = await backfill.prepare(target, { stream: ['campaigns'], from: undefined, to: undefined });
    expect(prepared.lines.join('\n')).toContain('is paused: the run begins with npx prospect-lake ops resume');
    const { outcome: planned } = await carryOut(prepared);
    expect(planned.data).toMatchObject({ paused: true, report: null });
    expect(planned.lines.join()).toMatch(
      /^Run \S+ is planned\. The workspace is paused: it begins with npx prospect-lake ops resume\.$/,
    );

    const { runId } = z.object({ runId: z.string() }).parse(planned.data);
    expect((await status.read(target, {})).lines.join('\n')).toContain(`Under way: ${runId}, for `);

    const local = { ...target, local: { out: '/its/folder', isSimulated: true, isRunning: false } };
    const ofFolder = await backfill.prepare(local, { stream: ['campaigns'], from: undefined, to: undefined });
    expect(ofFolder.lines.join()).toContain('begins with npx prospect-lake ops resume --local --out /its/folder,');

    await carryOut(await resume.prepare(target, {}));
    expect((await status.read(target, {})).data).toMatchObject({ paused: false });
    expect(await world.report(runId)).toMatchObject({ kind: 'backfill', status: 'complete' });
    expect(await world.load()).toMatchObject({ status: 'complete' });
  });
});
