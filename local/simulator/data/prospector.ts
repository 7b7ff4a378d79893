import { evenlySpaced, iso } from './calendar.ts';
import type { LeadFacts } from './leads.ts';
import { draw, pick } from './seed.ts';
import { between, type SeedData, type TableSpec, timeOf } from './table.ts';

const names = [
  'Heads of sales, DACH',
  'Founders, seed stage',
  'Compras, México',
  'IT managers, Nordics',
  'Logistics, Benelux',
  'Clinics ⚕️, Texas',
];

/** Workflows with their runs, and the results of each run. */
export function prospector(seedData: SeedData, leads: LeadFacts): TableSpec[] {
  const runs = (workflow: number) => between(2, 5, seedData.bits('prospector_workflows', 0, workflow), 3);

  return [
    {
      name: 'prospector_workflows',
      size: () => names.length,
      row: ({ position: workflow }, bits, id) => ({
        id,
        object: 'prospector_workflow',
        created_at: iso(seedData.within(0, 0.5, bits, 1)),
        updated_at: iso(seedData.within(0.6, 0.99, bits, 2)),
        name: names[workflow % names.length] ?? null,
        status: pick(['active', 'paused', 'active'], bits, 4),
      }),
    },
    {
      name: 'prospector_runs',
      parent: 'prospector_workflows',
      size: runs,
      row: ({ parentNumber, position, parent }, bits, id) => {
        const time = iso(
          evenlySpaced(timeOf(parent, 'created_at'), timeOf(parent, 'updated_at'), position, runs(parentNumber)),
        );
        return {
          id,
          object: 'prospector_run',
          created_at: time,
          updated_at: time,
          status: pick(['completed', 'completed', 'failed'], bits, 1),
          workflow_id: seedData.id('prospector_workflows', 0, parentNumber),
        };
      },
    },
    {
      name: 'prospector_results',
      parent: 'prospector_runs',
      size: (run) => (run === 0 ? 140 : between(0, 12, seedData.bits('prospector_workflows', 1, run), 1)),
      row: ({ parent }, bits, id) => {
        const time = iso(timeOf(parent, 'created_at'));
        const lead = draw(bits, 1) % seedData.leads;
        const isKnown = draw(bits, 2) % 10 !== 0;
        return {
          id,
          object: 'prospector_result',
          created_at: time,
          updated_at: time,
          lead_id: isKnown ? leads.id(lead) : null,
          company_name: isKnown ? leads.companyName(lead) : 'Unmatched Company',
        };
      },
    },
  ];
}
