/** Turns the answers of the endpoints into findings for a person. */

import type { Difference } from '../contract/compare-rows.ts';
import { type Finding, look, note, ok, skipped } from '../finding.ts';
import { answerWords } from './answer-words.ts';
import type { Endpoint } from './endpoints.ts';

export interface Situation {
  readonly baseUrl: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Scopes that are known to be missing: they were reported already. */
  readonly missingScopes: ReadonlySet<string>;
}

const fieldsShown = 8;
const pathsShown = 4;

export function endpointFindings(endpoints: readonly Endpoint[], situation: Situation): Finding[] {
  const found = endpoints.map((endpoint) => ({ endpoint, findings: findingsOf(endpoint, situation) }));
  const good = found.filter(({ endpoint, findings }) => endpoint.page && findings.length === 0);
  const empty = good.filter(({ endpoint }) => endpoint.page?.rows.length === 0);
  const unasked = endpoints.filter(({ asked }) => !asked);
  const lacking = endpoints.filter((endpoint) => isKnownToLack(endpoint, situation));
  return [
    ...(good.length - empty.length > 0
      ? [ok('endpoints', `${good.length - empty.length} of ${endpoints.length} are as the contract says`)]
      : []),
    ...(empty.length > 0
      ? [skipped('endpoints', `no row to compare with the contract: ${pathsOf(empty.map(({ endpoint }) => endpoint))}`)]
      : []),
    ...(unasked.length > 0 ? [skipped('endpoints', `no id to ask with: ${pathsOf(unasked)}`)] : []),
    ...(lacking.length > 0 ? [skipped('endpoints', `the key lacks the scope: ${pathsOf(lacking)}`)] : []),
    ...folded(found.flatMap(({ findings }) => findings)),
  ];
}

/** Folds equal findings about several endpoints into one. */
function folded(findings: readonly Finding[]): Finding[] {
  const alike = Map.groupBy(findings, ({ says, todo }) => `${says} ${todo ?? ''}`);
  return [...alike.values()].flatMap(([first, ...others]) =>
    first
      ? [
          {
            ...first,
            area: listed(
              [first, ...others].map(({ area }) => area),
              pathsShown,
            ),
          },
        ]
      : [],
  );
}

const pathsOf = (endpoints: readonly Endpoint[]) =>
  listed(
    endpoints.map(({ operation }) => operation.path),
    pathsShown,
  );

function isKnownToLack({ asked, operation }: Endpoint, { missingScopes }: Situation): boolean {
  return asked?.status === 403 && asked.fault === undefined && missingScopes.has(operation.stream.scope);
}

function findingsOf(endpoint: Endpoint, situation: Situation): Finding[] {
  const { asked, operation, page } = endpoint;
  const { path, stream } = operation;
  if (!asked || isKnownToLack(endpoint, situation)) return [];
  if (asked.status === 403 && asked.fault === undefined)
    return [
      look(
        path,
        `may not be read with this key (403), although it needs only ${stream.scope}`,
        `Give the key the scope, or leave ${stream.name} out of streams.`,
      ),
    ];
  if (asked.status === 404 || asked.status === 410)
    return [look(path, `is not there (${asked.status})`, goneAdvice(operation))];
  if (!asked.isGood) {
    const { says, todo } = answerWords(asked, situation.baseUrl, situation.environment);
    return [look(path, says, todo)];
  }
  if (!page)
    return [
      look(
        path,
        `has no ${operation.kind === 'list' ? 'list' : 'object'} in data`,
        `The table ${stream.name} cannot be loaded: ask the vendor what has changed.`,
      ),
    ];
  return [
    ...(operation.kind === 'list' && !page.hasPagination
      ? [
          look(
            path,
            'has no pagination (next_cursor and has_more)',
            'Its first page is taken for the whole list. If the list is longer, tell the vendor.',
          ),
        ]
      : []),
    ...(page.hasRequestId
      ? []
      : [look(path, 'has no request_id', 'Rows of it cannot be traced to a request of the vendor.')]),
    ...(page.notRows > 0
      ? [look(path, `${page.notRows} entries of its list are not objects`, 'They go to rejected_rows.')]
      : []),
    ...(endpoint.rejected > 0
      ? [
          look(
            path,
            `${endpoint.rejected} of ${page.rows.length} rows have no usable key`,
            `They go to rejected_rows, not to ${stream.name}.`,
          ),
        ]
      : []),
    ...differenceFindings(endpoint),
  ];
}

function goneAdvice({ kind, path, stream }: Endpoint['operation']): string {
  return path.includes('{')
    ? `Its ${kind === 'list' ? 'parent' : 'row'} may have been deleted just now: try again. If it lasts, ask the vendor.`
    : `The table ${stream.name} cannot be loaded. Check the address, or ask the vendor whether the path has moved.`;
}

function differenceFindings({ operation: { path, stream }, differences, page }: Endpoint): Finding[] {
  const rows = page?.rows.length ?? 0;
  const of = <K extends Difference['kind']>(kind: K) =>
    differences.filter((each): each is Extract<Difference, { kind: K }> => each.kind === kind);
  const [added, missing] = [of('new'), of('missing')];
  return [
    ...(added.length > 0
      ? [
          note(
            path,
            `has fields that the contract does not name; they are kept in the column _extra: ${listed(added.map(({ field, types }) => `${field} (${types.join(' or ')})`))}`,
          ),
        ]
      : []),
    ...(missing.length > 0
      ? [
          look(
            path,
            `missing in all ${rows} rows: ${listed(missing.map(({ field }) => field))}`,
            'The columns stay null.',
          ),
        ]
      : []),
    ...of('type').map(({ field, wanted, types, rows: wrong }) =>
      look(
        path,
        `${field} is ${types.join(' or ')} in ${wrong} of ${rows} rows, not ${wanted}`,
        field in stream.columns
          ? 'A value that does not fit its column is kept in _extra, and the column is null.'
          : 'Kept in the column _extra.',
      ),
    ),
  ];
}

function listed(names: readonly string[], most = fieldsShown): string {
  const more = names.length - most;
  return names.slice(0, most).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
