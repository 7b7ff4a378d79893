import { spread, updatedAt } from './campaigns.ts';
import { iso } from './calendar.ts';
import type { Leads } from './leads.ts';
import { draw, fraction, kindOf, pick } from './seed.ts';
import { between, type Ground, idTable, type IdTable, placeOfHandle } from './table.ts';

const names = [
  'Heads of sales, DACH',
  'Founders, seed stage',
  'Compras, México',
  'IT managers, Nordics',
  'Logistics, Benelux',
  'Clinics ⚕️, Texas',
];

/** At each epoch one workflow has a new run, with its results. */
export function prospector(ground: Ground, leads: Leads): IdTable[] {
  const { calendar, seed } = ground;
  const rota = ground.rota('prospector_workflows', { base: names.length, minimum: 1 });
  const kind = kindOf('prospector_workflows');
  const bitsOf = (workflow: number) => seed.bits(kind, 0, workflow);
  const movedAt = (epoch: number) => calendar.change(epoch, 0, 1);
  const createdAt = (workflow: number) => calendar.past(fraction(bitsOf(workflow), 1) * 0.5);
  const settledAt = (workflow: number) => calendar.past(0.6 + fraction(bitsOf(workflow), 2) * 0.39);
  const runsBefore = (workflow: number) => between(2, 5, bitsOf(workflow), 3);
  const runAt = (workflow: number, position: number) => {
    const epoch = rota.changesOf(workflow)[position - runsBefore(workflow)];
    if (epoch !== undefined) return movedAt(epoch);
    return spread(createdAt(workflow), settledAt(workflow), position, runsBefore(workflow));
  };

  return [
    idTable(ground, {
      name: 'prospector_workflows',
      size: () => rota.total,
      fields: ({ position: workflow }, bits, id) => ({
        id,
        object: 'prospector_workflow',
        created_at: iso(createdAt(workflow)),
        updated_at: iso(updatedAt(rota, workflow, movedAt) ?? settledAt(workflow)),
        name: names[workflow % names.length] ?? null,
        status: pick(['active', 'paused', 'active'], bits, 4),
      }),
    }),
    idTable(ground, {
      name: 'prospector_runs',
      parent: 'prospector_workflows',
      size: (workflow) => runsBefore(workflow) + rota.changesOf(workflow).length,
      fields: ({ parent: workflow, position }, bits, id) => ({
        id,
        object: 'prospector_run',
        created_at: iso(runAt(workflow, position)),
        updated_at: iso(runAt(workflow, position)),
        status: pick(['completed', 'completed', 'failed'], bits, 1),
        workflow_id: seed.id(kind, 0, workflow),
      }),
    }),
    idTable(ground, {
      name: 'prospector_results',
      parent: 'prospector_runs',
      size: (run) => (run === 0 ? 140 : between(0, 12, seed.bits(kind, 1, run), 1)),
      fields: ({ parent: run }, bits, id) => {
        const { parent: workflow, position } = placeOfHandle(run);
        const time = iso(runAt(workflow, position));
        const lead = draw(bits, 1) % ground.leads;
        const known = draw(bits, 2) % 10 !== 0;
        return {
          id,
          object: 'prospector_result',
          created_at: time,
          updated_at: time,
          lead_id: known ? leads.id(0, lead) : null,
          company_name: known ? leads.companyName(lead) : 'Unmatched Company',
        };
      },
    }),
  ];
}
