import { pageStateKey } from '../../contract/object-keys.ts';
import type { Log, ObjectStore, PutOptions, QueueDepth } from '../ports.ts';
import { readJson, writeJson } from '../store/stored-json.ts';
import { DamagedObjectError } from '../store/stored-object.ts';
import { countTable, type CountPorts } from './count-tables.ts';
import type { PageContext } from './page-context.ts';
import { emptyPageState, type EndedRun, type PageState, pageState, withRun } from './page-state.ts';
import { renderPage } from './render-page.ts';

export interface PageSettings extends PageContext {
  /** Key of the page's object. */
  readonly pageKey: string;
  /** Reads the HTML page into which the content is put. */
  readonly template: () => Promise<string>;
}

export interface PagePorts extends CountPorts {
  readonly store: ObjectStore;
  readonly log: Log;
  /** The dead-letter queues, by name. */
  readonly deadLetters: Readonly<Record<string, QueueDepth>>;
}

/** Attempts to write the state. More lost races than this mean that something is wrong. */
const maxAttempts = 5;

/**
 * Writes the page after a run. Nothing depends on the page: if it cannot be written, this is logged and nothing fails.
 */
export async function writePage(run: EndedRun, settings: PageSettings, ports: PagePorts): Promise<void> {
  const { log } = ports;
  const { runId } = run.report;
  try {
    const state = await addRun(run, settings, ports);
    if (!state) {
      log.warn('Other runs write the page all the time; the next run does it.', { runId });
      return;
    }
    await putPage(state, settings, ports);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    log.warn('The page of the run could not be written.', { runId, reason });
  }
}

/**
 * Writes the page anew without a run: a person deleted dead letters, or the page. Does nothing if no run has written one,
 * or if one writes it now.
 */
export async function renewPage(
  settings: PageSettings,
  { store, clock, deadLetters }: Pick<PagePorts, 'store' | 'clock' | 'deadLetters'>,
): Promise<void> {
  const { former, condition } = await readState(store);
  if (former.runs.length === 0) return;
  const state = { ...former, deadLetters: await lettersIn(deadLetters) };
  if (await writeJson(store, pageStateKey, state, condition)) await putPage(state, settings, { store, clock });
}

async function putPage(
  state: PageState,
  settings: PageSettings,
  { store, clock }: Pick<PagePorts, 'store' | 'clock'>,
): Promise<void> {
  const page = renderPage(state, settings, await settings.template(), clock.now());
  await store.put(settings.pageKey, page, { contentType: 'text/html; charset=utf-8' });
}

/** Adds the run to the state. @returns the new state; undefined if other runs changed it at each attempt */
async function addRun(run: EndedRun, settings: PageSettings, ports: PagePorts): Promise<PageState | undefined> {
  let counted: PageState['counted'] = {};
  for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
    const { former, condition } = await readState(ports.store);
    counted = await countedAfter(run, { ...former.counted, ...counted }, settings, ports);
    const deadLetters = run.report.kind === 'refresh' ? former.deadLetters : await lettersIn(ports.deadLetters);
    const state = { ...withRun(former, run), counted, deadLetters };
    if (await writeJson(ports.store, pageStateKey, state, condition)) return state;
  }
  return undefined;
}

async function lettersIn(queues: PagePorts['deadLetters']): Promise<Record<string, number>> {
  const found = await Promise.all(
    Object.entries(queues).map(async ([name, queue]) => [name, await queue.waiting()] as const),
  );
  return Object.fromEntries(found.filter(([, messages]) => messages > 0));
}

/** Counts the tables. A refresh counts none, because it has to be cheap: the next run of another kind does. */
async function countedAfter(
  { report }: EndedRun,
  former: PageState['counted'],
  { counted }: PageSettings,
  ports: PagePorts,
): Promise<PageState['counted']> {
  if (report.kind === 'refresh') return former;
  const found: PageState['counted'] = {};
  for (const one of Object.values(counted)) {
    const files = await countTable(one, former[one.table], ports);
    if (files) found[one.table] = files;
  }
  return found;
}

/** The state, and the condition under which it may be replaced. A state that cannot be read counts as empty. */
async function readState(store: ObjectStore): Promise<{ former: PageState; condition: PutOptions }> {
  try {
    const stored = await readJson(store, pageStateKey, pageState);
    return stored
      ? { former: stored.value, condition: { ifMatch: stored.etag } }
      : { former: emptyPageState, condition: { ifAbsent: true } };
  } catch (error) {
    if (error instanceof DamagedObjectError) return { former: emptyPageState, condition: {} };
    throw error;
  }
}
