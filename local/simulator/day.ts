import { Day, iso } from './data/calendar.ts';
import { changedField } from './data/leads.ts';
import { draw } from './data/seed.ts';
import type { Row } from './data/table.ts';
import type { StoredRow } from './stored-table.ts';
import type { WorkspaceRows } from './workspace-rows.ts';

export interface Epoch {
  /**
   * Number of the run before which the workspace changes. The first run has number 0, and nothing changes before it.
   */
  readonly number: number;
  /** Starts of the previous run and of this one, in milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
}

/**
 * Makes the changes before one run. One lead in a hundred changes, with a new activity and often a message, and a few
 * leads are new. One thread in a hundred gets a message, and one thread is opened. One campaign changes, with log lines
 * and a run. A workflow has a new run. A job, a ticket and two webhook deliveries are new, and the usage figures rise.
 */
export function applyOneDay(workspace: WorkspaceRows, epoch: Epoch): void {
  const day = new Day(epoch.from, epoch.to);
  const changes = new DayOfChanges(workspace, epoch.number);
  changes.changeLeads(day);
  changes.moveThreads(day);
  const at = day.timeOfChange(0, 1);
  changes.moveCampaign(at);
  changes.moveWorkflow(at);
  const job = changes.addRow('jobs', undefined, at, { started_at: iso(at) });
  if (job.latest?.row?.['finished_at'] !== null) changes.touch('jobs', job, { finished_at: iso(at) }, at);
  changes.addRow('support_tickets', undefined, at);
  changes.deliver(at);
  changes.useEmails(at);
  if (workspace.settings.losses) changes.deleteMergeRestoreLeads(day);
}

const newLeads = { share: 1 / 500, least: 2, most: 20 };

class DayOfChanges {
  readonly #workspace: WorkspaceRows;
  readonly #epoch: number;

  constructor(workspace: WorkspaceRows, epoch: number) {
    this.#workspace = workspace;
    this.#epoch = epoch;
  }

  changeLeads(day: Day): void {
    const changed = this.#chosen('leads', 0.01, 3);
    const { share, least, most } = newLeads;
    const added = Math.min(most, Math.max(least, Math.round(this.#workspace.seedData.leads * share)));
    const count = changed.length + added;
    for (const [position, lead] of changed.entries()) {
      const at = day.timeOfChange(position, count);
      const bits = this.#bits('leads/changes', position);
      if (!this.#workspace.settings.quietParents)
        this.touch('leads', lead, changedField(lead.latest?.row ?? {}, bits), at);
      this.addRow('lead_activities', lead, at);
      if (draw(bits, 5) % 4 !== 0) this.addRow('lead_messages', lead, at);
    }
    for (let position = changed.length; position < count; position += 1)
      this.addRow('leads', undefined, day.timeOfChange(position, count));
  }

  moveThreads(day: Day): void {
    const moved = this.#chosen('inbox_threads', 0.01, 2);
    for (const [position, thread] of moved.entries()) {
      const at = day.timeOfChange(position, moved.length + 1);
      const count = Number(thread.latest?.row?.['message_count']) + 1;
      const fields = { message_count: count, last_message_at: iso(at) };
      this.addRow('inbox_messages', thread, at);
      if (!this.#workspace.settings.quietParents) this.touch('inbox_threads', thread, fields, at);
    }
    const at = day.timeOfChange(moved.length, moved.length + 1);
    const opened = this.addRow('inbox_threads', undefined, at, { message_count: 1, last_message_at: iso(at) });
    this.addRow('inbox_messages', opened, at);
  }

  moveCampaign(at: number): void {
    const [campaign] = this.#chosen('campaigns', 0, 1);
    if (!campaign) return;
    for (let line = 0; line < 3; line += 1) this.addRow('campaign_logs', campaign, at);
    this.addRow('campaign_runs', campaign, at);
    if (!this.#workspace.settings.quietParents) this.touch('campaigns', campaign, {}, at);
  }

  moveWorkflow(at: number): void {
    const [workflow] = this.#chosen('prospector_workflows', 0, 1);
    if (!workflow) return;
    this.addRow('prospector_runs', workflow, at);
    if (!this.#workspace.settings.quietParents) this.touch('prospector_workflows', workflow, {}, at);
  }

  deliver(at: number): void {
    const [endpoint] = this.#workspace.table('webhook_endpoints').below(undefined);
    for (let delivery = 0; delivery < 2; delivery += 1) {
      const added = this.addRow('webhook_deliveries', endpoint, at, { last_attempted_at: iso(at) });
      if (added.latest?.row?.['delivered_at'] !== null)
        this.touch('webhook_deliveries', added, { delivered_at: iso(at) }, at);
    }
  }

  useEmails(at: number): void {
    const [usage] = this.#workspace.table('billing_usage').below(undefined);
    const figures = usage?.latest?.row?.['usage'];
    if (!usage || figures === null || typeof figures !== 'object' || !('emails_sent' in figures)) return;
    this.touch('billing_usage', usage, { usage: { ...figures, emails_sent: Number(figures.emails_sent) + 137 } }, at);
  }

  /** Deletes a lead, merges one into another, and restores one that was deleted before an earlier run. */
  deleteMergeRestoreLeads(day: Day): void {
    const at = day.timeOfChange(0, 1);
    const [removed, merged, into] = this.#living('leads').slice(this.#epoch);
    const back = this.#workspace.everyRow('leads').find(({ latest }) => latest?.row === undefined);
    if (back) this.#workspace.restore('leads', back.id, { updated_at: iso(at) }, { at });
    if (removed) this.#workspace.remove('leads', removed.id, { at });
    if (merged && into) this.#workspace.merge('leads', merged.id, into.id, { updated_at: iso(at) }, { at });
  }

  /** Adds a row below a parent. @param at time of the write */
  addRow(table: string, parent: StoredRow | undefined, at: number, fields: Row = {}): StoredRow {
    const times = { created_at: iso(at), updated_at: iso(at) };
    return this.#workspace.table(table).addSeeded(parent, { ...times, ...fields }, this.#workspace.times({ at }));
  }

  touch(table: string, { id }: StoredRow, fields: Row, at: number): void {
    this.#workspace.update(table, id, fields, { at });
  }

  /**
   * Chooses a share of the existing rows, but at least `least`: every n-th row, starting at an offset that changes with
   * each run.
   */
  #chosen(table: string, share: number, least: number): StoredRow[] {
    const rows = this.#living(table);
    const count = Math.min(rows.length, Math.max(least, Math.ceil(rows.length * share)));
    const stride = Math.max(1, Math.floor(rows.length / Math.max(1, count)));
    const offset = this.#bits(`${table}/rota`, 0) % stride;
    return rows.filter((_, index) => index % stride === offset).slice(0, count);
  }

  /** Rows that are not deleted, without those that a client of the API created. */
  #living(table: string): StoredRow[] {
    return [...this.#workspace.table(table).below(undefined)].filter(
      ({ number, latest }) => number !== undefined && latest?.row !== undefined,
    );
  }

  #bits(what: string, position: number): number {
    return this.#workspace.seedData.bits(what, this.#epoch, position);
  }
}
