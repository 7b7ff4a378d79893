/** Turns the answers of the endpoints into findings for a person. */

import { columnsByField } from '../../lambdas/contract/column-types.ts';
import type { Asked } from '../api/ask.ts';
import type { Difference } from '../contract/compare-rows.ts';
import type { Operation } from '../contract/operations.ts';
import type { Page } from '../contract/page.ts';
import { type Finding, look, note, ok, skipped } from '../finding.ts';
import { answerWords } from './answer-words.ts';
import type { Endpoint } from './endpoints.ts';
import { losesTable } from './lost-tables.ts';

export interface Situation {
  readonly baseUrl: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Rows that a list is asked for. */
  readonly pageSize: number;
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
      ? [ok('endpoints', `${good.length - empty.length} gave rows as the contract says`)]
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
  return [...alike.values()].flatMap((all) => {
    const [first] = all;
    if (!first) return [];
    const area = listed(
      all.map((each) => each.area),
      pathsShown,
    );
    const tables = all.flatMap((each) => each.tables ?? []);
    return [{ ...first, area, ...(tables.length > 0 ? { tables } : {}) }];
  });
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
  if (!asked || isKnownToLack(endpoint, situation)) return [];
  const lost = losesTable(endpoint) ? { tables: [operation.stream.name] } : {};
  if (!asked.isGood) return [{ ...answerFinding(operation, asked, situation), ...lost }];
  if (page) return [...pageFindings(endpoint, page, situation), ...differenceFindings(endpoint)];
  const says = `has no ${operation.kind === 'list' ? 'list' : 'object'} in data`;
  return [{ ...look(operation.path, says, 'Ask the vendor what has changed.'), ...lost }];
}

/** A finding about an answer that is no success. */
function answerFinding(operation: Operation, asked: Asked, { baseUrl, environment }: Situation): Finding {
  const { path, stream } = operation;
  if (asked.status === 403 && asked.fault === undefined)
    return look(
      path,
      `may not be read with this key (403), although it needs only ${stream.scope}`,
      `Give the key the scope, or leave ${stream.name} out of streams.`,
    );
  if (asked.status === 404 || asked.status === 410)
    return look(path, `not found (${asked.status})`, goneAdvice(operation));
  const { says, todo } = answerWords(asked, baseUrl, environment);
  return look(path, says, todo);
}

function pageFindings(endpoint: Endpoint, page: Page, { pageSize }: Situation): Finding[] {
  const { kind, path, stream } = endpoint.operation;
  const rejected = look(
    path,
    `${endpoint.rejected} of ${page.rows.length} rows have no usable key`,
    `They go to rejected_rows, not to ${stream.name}.`,
  );
  return [
    ...(kind === 'list' && !page.hasPagination
      ? [
          page.rows.length < pageSize
            ? note(
                path,
                'no pagination (next_cursor and has_more)',
                'It gave fewer rows than a page may have, so its one page is the whole list.',
              )
            : look(
                path,
                `no pagination (next_cursor and has_more), although its page is full`,
                'Its first page is taken for the whole list. If the list is longer, tell the vendor.',
              ),
        ]
      : []),
    ...(page.hasRequestId
      ? []
      : [note(path, 'no request_id', 'Rows of it cannot be traced to a request of the vendor.')]),
    ...(page.notRows > 0
      ? [look(path, `${page.notRows} entries of its list are not objects`, 'They go to rejected_rows.')]
      : []),
    ...(endpoint.rejected > 0 ? [losesTable(endpoint) ? { ...rejected, tables: [stream.name] } : rejected] : []),
  ];
}

function goneAdvice({ kind, path }: Operation): string {
  return path.includes('{')
    ? `Its ${kind === 'list' ? 'parent' : 'row'} may have been deleted just now: try again. If it lasts, ask the vendor.`
    : 'Check the address, or ask the vendor whether the path has moved.';
}

function differenceFindings({ operation: { path, stream }, differences, page }: Endpoint): Finding[] {
  const rows = page?.rows.length ?? 0;
  const of = <K extends Difference['kind']>(kind: K) =>
    differences.filter((each): each is Extract<Difference, { kind: K }> => each.kind === kind);
  const byField = columnsByField(stream.columns);
  const customOf = (field: string) => (byField.get(field) ?? []).filter((name) => stream.columns[name]?.isCustom);
  const added = of('new').filter(({ field }) => customOf(field).length === 0);
  const missing = of('missing');
  return [
    ...(added.length > 0
      ? [
          note(
            path,
            `fields that the contract does not name, kept in the column _extra: ${listed(added.map(({ field, types }) => `${field} (${types.join(' or ')})`))}`,
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
    ...of('type').map(({ field, wanted, types, rows: wrong }) => {
      const says = `${field} is ${types.join(' or ')} in ${wrong} of ${rows} rows, not ${wanted}`;
      const custom = customOf(field);
      if (custom.length > 0)
        return note(path, `${says}; values that fit the custom column ${custom.join(' or ')} are in it`);
      return look(
        path,
        says,
        byField.has(field)
          ? 'A value that does not fit its column is kept in _extra, and the column is null.'
          : 'Kept in the column _extra.',
      );
    }),
  ];
}

function listed(names: readonly string[], most = fieldsShown): string {
  const more = names.length - most;
  return names.slice(0, most).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
