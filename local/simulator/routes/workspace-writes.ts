import { z } from 'zod';
import { notFound } from '../problem.ts';
import { parseBody } from './parse-body.ts';
import { type Context, parameter, type Routes } from './route.ts';

const workflowFields = z.object({ name: z.string().nullish(), status: z.string().optional() });

/** Writes of campaigns, exports, imports, prospector workflows and support tickets. */
export const workspaceWrites: Routes = {
  createCampaign: ({ workspace, body }) => ({
    data: workspace.create('campaigns', parseBody(z.object({ prospector_workflow_id: z.uuid().nullish() }), body)),
  }),
  updateCampaignStatus: (context) => {
    const { status } = parseBody(z.object({ status: z.string() }), context.body);
    return updated(context, 'campaigns', 'campaign_id', { status });
  },
  publishCampaign: (context) => {
    parseBody(z.object({ apply_strategy: z.string().optional() }), context.body);
    return updated(context, 'campaigns', 'campaign_id', { status: 'active', enabled: true });
  },
  createExportJob: ({ exports, body }) => {
    const { include_suppressed } = parseBody(z.object({ include_suppressed: z.boolean().default(false) }), body);
    return { data: exports.create(include_suppressed) };
  },
  createImportJob: ({ workspace, body }) => {
    const text = z.string().nullish();
    const job = parseBody(z.object({ name: text, file_name: text, file_type: text, file_data: text }), body);
    // The simulator counts each line of the file except the header as an imported row. It creates no leads from them.
    const rows = Math.max(0, (job.file_data ?? '').split('\n').filter((line) => line.trim() !== '').length - 1);
    const { name = null, file_name = null } = job;
    return { data: workspace.create('imports', { name, file_name, total_rows: rows, imported_rows: rows }) };
  },
  createProspectorWorkflow: ({ workspace, body }) => ({
    data: workspace.create('prospector_workflows', parseBody(workflowFields, body)),
  }),
  updateProspectorWorkflow: (context) =>
    updated(context, 'prospector_workflows', 'workflow_id', parseBody(workflowFields, context.body)),
  deleteProspectorWorkflow: (context) => removed(context, 'prospector_workflows', 'workflow_id'),
  runProspectorWorkflowImmediately: (context) => {
    const workflow_id = parameter(context, 'workflow_id');
    if (!context.workspace.visibleRow('prospector_workflows', workflow_id)) throw notFound('workflow');
    return { data: context.workspace.create('prospector_runs', { workflow_id }, workflow_id) };
  },
  createSupportTicket: ({ workspace, body }) => ({
    data: workspace.create(
      'support_tickets',
      parseBody(z.object({ subject: z.string(), body: z.string().nullish() }), body),
    ),
  }),
};

/** Updates the row that a path parameter names. */
export function updated(
  context: Context,
  table: string,
  key: string,
  fields: Parameters<Context['workspace']['update']>[2],
) {
  const id = parameter(context, key);
  if (!context.workspace.visibleRow(table, id)) throw notFound(`row of ${table}`);
  return { data: context.workspace.update(table, id, fields) };
}

/** Deletes the row that a path parameter names, and answers with the row as it was. */
export function removed(context: Context, table: string, key: string) {
  const id = parameter(context, key);
  const data = context.workspace.find(table, id);
  if (!data) throw notFound(`row of ${table}`);
  context.workspace.remove(table, id);
  return { data };
}
