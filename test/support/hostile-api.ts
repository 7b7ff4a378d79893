import type { SendRequest } from '../../lambdas/adapters/send-request.ts';
import { streamNamed, streams } from '../../lambdas/streams/registry.ts';
import type { Row } from '../../local/simulator/data/table.ts';
import type { Body } from '../../local/simulator/paging.ts';
import { Problem } from '../../local/simulator/problem.ts';
import { encoded } from '../../local/simulator/encoding.ts';
import { FaultInjector, piecesOf, type ProxyResponse, type RealAnswer } from '../../local/faults/fault-injector.ts';
import type { Fault } from '../../local/faults/faults.ts';
import type { FixedClock } from './fixed-clock.ts';
import { cutting, type KindName, type PlannedFault, ruleOf } from './hostile-faults.ts';
import { invalidByteMark } from './odd-forms.ts';
import { bytesOfText, type OddRows } from './odd-rows.ts';
import type { SimulatedWorkspace } from './workspace-api.ts';

export const baseUrl = 'http://api.test/api/public/v1';
const answerMilliseconds = 20;
/** How long a planned empty page takes. An endless list of them reaches its limit of 30 minutes after a few hundred. */
const emptyPageMilliseconds = 5_000;
const hangMilliseconds = 30_000;
const detailTarget = 'exports detail';

export const targetNames = [...streams.map(({ name }) => name), detailTarget];

/** A fault that affected a request. */
export interface AffectedRequest {
  readonly planned: PlannedFault;
  /** Id of the parent, if the request was for a parent's child list. */
  readonly parent: string | undefined;
}

/** The simulated workspace as an API that misbehaves on demand. Its client calls it directly, without a socket. */
export class HostileApi {
  affected: AffectedRequest[] = [];
  requests = 0;
  /** Requests to which the answer has no rows, unless a fault changes it. */
  emptyPages = 0;
  /** Called before each request is answered. */
  onRequest: (number: number) => void = () => {};
  readonly #workspace: SimulatedWorkspace;
  readonly #clock: FixedClock;
  readonly #odd: OddRows;
  readonly #overlap: boolean;
  readonly #injector: FaultInjector;
  readonly #planned = new Map<Fault, PlannedFault>();
  readonly #lastRows = new Map<string, string>();

  /** @param options.overlap whether each page begins with the last row of the previous page */
  constructor(options: {
    workspace: SimulatedWorkspace;
    clock: FixedClock;
    odd: OddRows;
    overlap: boolean;
    seed: number;
  }) {
    this.#workspace = options.workspace;
    this.#clock = options.clock;
    this.#odd = options.odd;
    this.#overlap = options.overlap;
    this.#injector = new FaultInjector([], options.seed);
  }

  /** Replaces the planned faults. */
  plant(faults: readonly PlannedFault[]): void {
    this.#planned.clear();
    const rules = faults.map((planned) => {
      const detail = planned.target === detailTarget;
      const stream = streamNamed(detail ? 'exports' : planned.target);
      const rule = ruleOf(planned, detail && stream.detail ? stream.detail.path : stream.path);
      this.#planned.set(rule.fault, planned);
      return rule;
    });
    this.#injector.plant(rules);
    this.affected = [];
    this.requests = 0;
    this.emptyPages = 0;
  }

  readonly send: SendRequest = async ({ url }) => this.#responseOf(await this.answer(url.slice(baseUrl.length)));

  /** Answers a request, with any fault planned for it. @param path below the base URL, with its query */
  async answer(path: string): Promise<ProxyResponse> {
    this.requests += 1;
    this.#clock.advance(answerMilliseconds);
    this.onRequest(this.requests);
    const [name = '', search = ''] = path.split('?', 2);
    const query = new URLSearchParams(search);
    const fault = this.#injector.faultFor(path);
    if (fault?.kind === 'empty-page') this.#clock.advance(emptyPageMilliseconds);
    const planned = fault && this.#planned.get(fault);
    if (planned) {
      this.affected.push({ planned, parent: parentIn(name) });
      this.#recordFalseAnswer(planned.kind, name, query);
    }
    return this.#injector.pass(fault, query, async (query) => this.#ask(name, query));
  }

  /** What the functions' HTTP client returns or throws for the bytes on the wire. */
  #responseOf(wire: ProxyResponse): Response {
    if (wire.kind === 'reset') throw Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    if (wire.kind === 'hang') {
      this.#clock.advance(hangMilliseconds);
      throw new DOMException('The operation was aborted due to timeout', 'TimeoutError');
    }
    const { status, headers, pieces, waitMilliseconds } = wire.answer;
    this.#clock.advance(pieces * waitMilliseconds);
    const parts = piecesOf(wire.answer);
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        const part = parts.shift();
        if (part) controller.enqueue(part);
        else if (wire.kind === 'cut-off') controller.error(new Error('aborted'));
        else controller.close();
      },
    });
    return new Response(status === 204 ? null : body, { status, headers });
  }

  /** Records a fault that makes the API lie: 404 for a child list, or a page that looks like a whole list. */
  #recordFalseAnswer(kind: KindName, path: string, query: URLSearchParams): void {
    const stream = streams.find(({ path: list, shape }) => shape === 'list' && patternOf(list).test(path));
    if (!stream || (kind === '404' ? !stream.parent || query.has('cursor') : !cutting.has(kind))) return;
    const at = this.#clock.now().getTime();
    const parent = stream.parent && parentIn(this.#originalPath(path));
    const what = kind === '404' ? 'not found' : 'half';
    this.#workspace.simulated.falseAnswers.record({ at, table: stream.name, parent, id: undefined, what });
  }

  async #ask(path: string, query: URLSearchParams): Promise<RealAnswer> {
    const { charset } = this.#workspace.simulated.settings();
    const headers = { 'content-type': `application/json; charset=${charset}`, 'x-request-id': `req_${this.requests}` };
    const answer = (status: number, text: string, more: Readonly<Record<string, string>> = {}) => ({
      status,
      headers: { ...headers, ...more },
      body: charset === 'utf-8' ? bytesOfText(text) : encoded(text.replaceAll(invalidByteMark, '\uFFFD'), charset),
    });
    try {
      const body = await this.#workspace.ask(this.#originalPath(path), query);
      if (isList(body.data) && body.data.length === 0) this.emptyPages += 1;
      return answer(200, this.#text(path, query, body));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      const { status, code, message, headers: more } = error;
      return answer(status, JSON.stringify({ error: { code, message } }), more);
    }
  }

  #text(path: string, query: URLSearchParams, { data, pagination, errors }: Body): string {
    const stream = streams.find(({ path: list, byId }) => [list, byId].some((one) => one && patternOf(one).test(path)));
    const parent = parentIn(path);
    const rowText = (row: Row) => (stream ? this.#odd.of(stream, row, parent).text : JSON.stringify(row));
    const requestId = `"request_id":"req_${this.requests}"`;
    if (!isList(data)) return `{"data":${rowText(data)},${requestId}}`;
    const rows = data.map(rowText);
    if (!query.has('cursor')) this.#lastRows.delete(path);
    // A repeated row cannot be recognized if rows have no id.
    const before = this.#overlap && !stream?.numbered ? this.#lastRows.get(path) : undefined;
    if (rows.length > 0) this.#lastRows.set(path, rows.at(-1) ?? '');
    const all = before === undefined || rows.length === 0 ? rows : [before, ...rows];
    const more = [
      ...(pagination ? [`"pagination":${JSON.stringify(pagination)}`] : []),
      ...(errors ? [`"errors":${JSON.stringify(errors)}`] : []),
    ];
    return `{${[`"data":[${all.join(',')}]`, ...more, requestId].join(',')}}`;
  }

  /** The path with the workspace's own ids in place of the ids that the API returned. */
  #originalPath(path: string): string {
    for (const { name, path: pattern, parent, detail, byId } of streams) {
      for (const [template, table] of [
        [pattern, parent?.stream],
        [detail?.path, name],
        [byId, name],
      ] as const) {
        const given = template === undefined || table === undefined ? undefined : patternOf(template).exec(path)?.[1];
        if (given === undefined || template === undefined || table === undefined) continue;
        const id = this.#odd.originalOf(table, decodeURIComponent(given)) ?? 'unknown';
        return template.replace(/\{\w+\}/, encodeURIComponent(id));
      }
    }
    return path;
  }
}

const patterns = new Map<string, RegExp>();

function patternOf(template: string): RegExp {
  let pattern = patterns.get(template);
  if (!pattern) patterns.set(template, (pattern = new RegExp(`^${template.replace(/\{\w+\}/, '([^/]+)')}$`)));
  return pattern;
}

function parentIn(path: string): string | undefined {
  for (const { path: template, parent } of streams) {
    const given = parent && patternOf(template).exec(path)?.[1];
    if (given !== undefined) return decodeURIComponent(given);
  }
  return undefined;
}

function isList(data: Body['data']): data is readonly Row[] {
  return Array.isArray(data);
}
