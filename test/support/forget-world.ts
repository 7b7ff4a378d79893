/** A workspace with data of one person in every place that can hold any, in unusual spellings. */

import { randomUUID } from 'node:crypto';
import { childReads, pipelineTables } from '../../lambdas/contract/pipeline-tables.ts';
import type { PersonalChoice } from '../../lambdas/contract/personal-data.ts';
import { currentTableOf } from '../../lambdas/contract/stream.ts';
import { loadExport } from '../../lambdas/core/exports/load-export.ts';
import { type RewritePorts, type RewriteReceipt, runRewrite } from '../../lambdas/core/rewrite/run-rewrite.ts';
import { findPersons } from '../../lambdas/core/rewrite/find-persons.ts';
import { runIdOf } from '../../lambdas/core/runs/run-ids.ts';
import { leadExports } from '../../lambdas/streams/lead-exports.ts';
import { streamNamed, streams } from '../../lambdas/streams/registry.ts';
import { AuditWorld } from './audit-world.ts';
import { ample } from './fixed-clock.ts';
import { currentRowsOf, rowsOf } from './lake-reader.ts';
import type { MemoryPipelineOptions } from './memory-pipeline.ts';
import { isHeld } from './person-search.ts';

const readStreams = [
  'leads',
  'lead_messages',
  'lead_activities',
  'inbox_threads',
  'inbox_messages',
  'campaigns',
  'support_tickets',
];

/** The person's data, with unusual characters. Nobody else's data contains any of these texts. */
export const person = {
  id: 'lead "Ωx"/😀\u00e9 zyxw',
  threadId: 'thread_qqvvzz_ß',
  address: 'Zoë.Unforgettable+tag@Exämple.test',
  name: 'Zoë "Zz" Unforgettable-Ωmega',
  words: 'wörds that nobody else wrote ✶✷✸',
};
export const personTexts = [...Object.values(person), 'Unforgettable', 'qqvvzz'];

const day = 86_400_000;
const inJson = (text: string) => JSON.stringify(text).slice(1, -1);
/** The text in JSON, with every character escaped. */
const allEscaped = (text: string) =>
  Array.from({ length: text.length }, (_, at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`).join('');

export class ForgetWorld extends AuditWorld {
  constructor(options: Partial<MemoryPipelineOptions> = {}) {
    super(readStreams, { leads: 6, ...options });
  }

  /** Loads several nights, events and an export, while the person's rows change. */
  async plant(): Promise<void> {
    const { workspace } = this.workspace;
    const { id, threadId, address, name, words } = person;
    workspace.create('leads', { id, email: address, full_name: name, phone: words, undeclared: words });
    const message = workspace.create('lead_messages', { body: words, subject: name }, id);
    workspace.create('lead_activities', { summary: `${name} wrote: ${words}` }, id);
    workspace.create('inbox_threads', { id: threadId, lead_id: id, lead_name: name });
    workspace.create('inbox_messages', { body: words }, threadId);
    workspace.create('support_tickets', { subject: `About ${address} (${id})` });
    workspace.create('support_tickets', { id: '', subject: `Without a key: ${address}` });
    workspace.create('support_tickets', { subject: `https://ex.test/?for=${encodeURIComponent(address)}` });
    await this.night();
    this.respell = (path, text) => (path.startsWith('/leads') ? text.replaceAll(inJson(id), allEscaped(id)) : text);
    workspace.update('leads', id, { title: words });
    workspace.remove('lead_messages', String(message['id']));
    await this.night();
    this.respell = (_, text) => text;
    await this.event({ event: 'lead.updated', data: { id, note: words } });
    await this.event({ event: 'campaign.updated', data: { id: 'campaign_x', about: id } });
    await this.event({
      event: 'lead.updated',
      text: JSON.stringify({ data: { id } }).replace(inJson(id), allEscaped(id)),
    });
    const bytes = Buffer.from(`to=${address}`, 'latin1').toString('base64');
    await this.event({ event: 'campaign.updated', text: JSON.stringify({ _bytes: bytes }) });
    await this.loadExport();
  }

  async night(): Promise<void> {
    await this.pipeline.run();
    await this.pipeline.settle();
    this.clock.advance(day);
  }

  /** Receives an event. @param body its content, or the JSON text that the receiver made of it */
  async event(body: { event: string } & ({ data: object } | { text: string })): Promise<void> {
    const at = this.clock.now().toISOString();
    const delivery = { deliveryId: randomUUID(), event: body.event, signedAt: at, receivedAt: at };
    await this.pipeline.refresh([{ ...delivery, body: 'text' in body ? body.text : JSON.stringify(body) }]);
    await this.pipeline.settle();
    this.clock.advance(60_000);
  }

  async loadExport(): Promise<void> {
    const rows = this.workspace.rows('leads').map((row) => `${JSON.stringify(row)}\n`);
    const { store, queues, log } = this.pipeline;
    const at = this.clock.now().toISOString();
    await loadExport(
      {
        step: 'load',
        runId: runIdOf('export', this.clock.now()),
        exportId: 'export_1',
        startedAt: at,
        fileKey: 'leads.ndjson',
        rowCount: rows.length,
        complete: false,
        check: 0,
      },
      { stream: leadExports, runDeadlineHours: 24, publishCheckSeconds: 60, deadline: ample },
      {
        store,
        source: { open: async () => ({ etag: '"1"', body: [Buffer.from(rows.join(''))] as never }) },
        exportQueue: this.pipeline.exportQueue,
        convertQueue: queues.queue('convert'),
        publishQueue: queues.queue('publish'),
        clock: this.clock,
        log,
      },
    );
    await this.pipeline.settle();
    this.clock.advance(60_000);
  }

  rewritePorts(changes: Partial<RewritePorts> = {}): RewritePorts {
    const { store, catalog, warehouse, log } = this.pipeline;
    return {
      store,
      catalog,
      warehouse,
      log,
      clock: this.clock,
      deadline: ample,
      newId: randomUUID,
      onProgress: () => {},
      isBusy: async () => false,
      wait: async () => {},
      ...changes,
    };
  }

  async forget(
    wanted: { ids?: readonly string[]; addresses?: readonly string[] } = { ids: [person.id] },
    changes: Partial<RewritePorts> = {},
  ): Promise<RewriteReceipt> {
    const ports = this.rewritePorts(changes);
    const { persons } = await findPersons({ stream: 'leads', ids: [], addresses: [], ...wanted }, allStreams, ports);
    const options = { clean: new Map<string, string>(), newKey: 'ab'.repeat(32) };
    return runRewrite({ command: 'forget', persons }, registry, ports, options);
  }

  /** Applies changed settings about personal data to everything that is stored. */
  async rehash(
    choice: PersonalChoice,
    hashKey: string,
    onUndeclared: (column: string) => void = () => {},
  ): Promise<RewriteReceipt> {
    const options = { clean: new Map<string, string>(), newKey: '' };
    return runRewrite({ command: 'rehash', choice, hashKey, onUndeclared }, registry, this.rewritePorts(), options);
  }

  /** Every row of every table, by table, in the order of their keys and versions. */
  async allRows(): Promise<Record<string, Record<string, unknown>[]>> {
    const { store } = this.pipeline;
    const found: Record<string, Record<string, unknown>[]> = {};
    for (const name of readStreams)
      found[`current ${name}`] = await currentRowsOf(store, currentTableOf(streamNamed(name)));
    for (const { name } of [...allStreams, ...pipelineTables]) found[name] = await rowsOf(store, name);
    return found;
  }

  /** Every row of every table, as text, without those of the person. */
  async otherRows(): Promise<string[]> {
    const { store } = this.pipeline;
    const found: string[] = [];
    const add = (name: string, rows: readonly Record<string, unknown>[]) => {
      for (const row of rows) {
        const text = JSON.stringify(row, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
        const bare = (one: string) => one.replaceAll(/["\\]/g, '');
        const isOther = !personTexts.some((each) => bare(text).includes(bare(each)));
        if (isOther && !isHeld(Buffer.from(text), personTexts)) found.push(`${name} ${text}`);
      }
    };
    for (const name of readStreams)
      add(`current ${name}`, await currentRowsOf(store, currentTableOf(streamNamed(name))));
    add('child_reads', await currentRowsOf(store, childReads));
    for (const { name } of [...allStreams, ...pipelineTables]) add(name, await rowsOf(store, name));
    return found.toSorted();
  }
}

const allStreams = [...streams, leadExports];
const registry = { streams: allStreams, tables: pipelineTables };
