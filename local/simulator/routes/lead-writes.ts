import { z } from 'zod';
import type { Row } from '../data/table.ts';
import { notFound } from '../problem.ts';
import type { Workspace } from '../workspace.ts';
import { parseBody } from './parse-body.ts';
import { parameter, type Routes } from './route.ts';

const maxBulk = 1_000;

const leadFields = z.object({
  id: z.uuid().optional(),
  full_name: z.string().nullish(),
  email: z.email().nullish(),
  phone: z.string().nullish(),
  company_name: z.string().nullish(),
  title: z.string().nullish(),
  location: z.string().nullish(),
  tags: z.array(z.string()).optional(),
  is_qualified: z.boolean().nullish(),
});
type LeadFields = z.infer<typeof leadFields>;

/** Writes of leads. Fields of a request that no answer of the API shows are accepted and dropped. */
export const leadWrites: Routes = {
  createLead: ({ workspace, body }) => {
    const { id: _assigned, ...fields } = parseBody(leadFields, body);
    return { data: workspace.create('leads', fields) };
  },
  updateLead: (context) => {
    const { id: _fixed, ...fields } = parseBody(leadFields, context.body);
    const id = parameter(context, 'lead_id');
    if (!context.workspace.visibleRow('leads', id)) throw notFound('lead');
    return { data: context.workspace.update('leads', id, fields) };
  },
  upsertLeadByEmailOrPhone: ({ workspace, body }) => ({ data: upsert(workspace, parseBody(leadFields, body)) }),
  createOrUpsertMultipleLeads: ({ workspace, body }) => {
    const { leads } = parseBody(z.object({ leads: z.array(leadFields).max(maxBulk) }), body);
    const data = leads.map((fields) => upsert(workspace, fields));
    return { data, pagination: { next_cursor: null, has_more: false } };
  },
};

function upsert(workspace: Workspace, { id: wanted, ...fields }: LeadFields): Row {
  const id = existing(workspace, { id: wanted, ...fields });
  return id === undefined ? workspace.create('leads', fields) : workspace.update('leads', id, fields);
}

function existing(workspace: Workspace, { id, email, phone }: LeadFields): string | undefined {
  if (id !== undefined && workspace.visibleRow('leads', id)) return id;
  return (
    (email ? holder(workspace, 'email', email) : undefined) ?? (phone ? holder(workspace, 'phone', phone) : undefined)
  );
}

/** Id of the lead with this e-mail address or phone number. */
function holder(workspace: Workspace, field: 'email' | 'phone', value: string): string | undefined {
  const lead = workspace.listing('leads', undefined, 'changed').find(({ row }) => row[field] === value);
  return lead && String(lead.row['id']);
}
