/** The doctor's answer: lines for a person, a value for a program. */

import { capitalized } from '../lambdas/core/runs/causes.ts';
import { counted } from '../lambdas/core/runs/counted.ts';
import { configFileName } from '../lib/config/load-workspaces.ts';
import { columnLines, columnsTitle } from '../local/cli/column-lines.ts';
import { paint, pipe, type Terminal, wrap } from '../local/cli/terminal.ts';
import { neverCut, textTable } from '../local/cli/text-table.ts';
import type { Endpoint } from './checks/endpoints.ts';
import type { Settings } from './checks/lost-tables.ts';
import type { Examination } from './examine-api.ts';
import { exitStatus, type Finding, type Level } from './finding.ts';

const indent = '  ';
const deeper = '    ';

export interface Diagnosis extends Examination {
  readonly workspace: string;
  readonly baseUrl: string;
  readonly requests: number;
}

/** The findings in groups: what is most in the way first. */
export function linesOf(diagnosis: Diagnosis, terminal: Terminal = pipe): string[] {
  const { findings, endpoints, settings, customColumns } = diagnosis;
  const of = (level: Level) => findings.filter((each) => each.level === level);
  const { scopes, lost, others } = looksOf(findings);
  const each = (some: readonly Finding[]) => some.flatMap((finding) => findingLines(finding, terminal));
  const groups: readonly [title: string, lines: readonly string[]][] = [
    ['As it is, nothing can be loaded or deployed', each(of('unusable'))],
    [
      `The key lacks ${counted(scopes.length, 'scope')}, and what needs ${scopes.length === 1 ? 'it' : 'them'}`,
      scopeLines(scopes, terminal),
    ],
    ['Tables that cannot be loaded', lost.flatMap((finding) => tableLines(finding, terminal))],
    [`Settings of ${configFileName()} that load the rest`, settingLines(settings, terminal)],
    [columnsTitle(), customColumns ? columnLines(customColumns, terminal) : []],
    ['To look at', each(others)],
    ['Worth knowing, with nothing to do', each(of('note'))],
    ['Not examined', each(of('skipped'))],
    ['As it should be', each(of('ok'))],
  ];
  return [
    ...groups.flatMap(([title, lines]) =>
      lines.length === 0
        ? []
        : [...wrap(`${title}:`, terminal).map((line) => paint(terminal, 'bold', line)), ...lines, ''],
    ),
    ...(endpoints.length > 0
      ? [
          textTable(['list', 'rows', 'pagination', 'order'], endpoints.flatMap(listRow), terminal, {
            least: [neverCut],
          }),
          '',
        ]
      : []),
    verdict(findings, diagnosis.requests),
  ];
}

/** What a person has to look at, in the groups of the report. */
function looksOf(findings: readonly Finding[]) {
  const looks = findings.filter(({ level }) => level === 'look');
  const scopes = looks.filter(({ scope }) => scope !== undefined);
  const lost = looks.filter(({ scope, tables }) => scope === undefined && tables !== undefined);
  return { scopes, lost, others: looks.filter((finding) => !scopes.includes(finding) && !lost.includes(finding)) };
}

function findingLines({ area, says, todo }: Finding, terminal: Terminal): string[] {
  return [...hanging(`${area}: ${says}`, terminal), ...(todo === undefined ? [] : wrap(todo, terminal, deeper))];
}

/** Wraps a text whose further lines are indented more than the first. */
function hanging(text: string, terminal: Terminal): string[] {
  const [first = '', ...more] = wrap(text, terminal, deeper);
  return [indent + first.trimStart(), ...more];
}

function scopeLines(findings: readonly Finding[], terminal: Terminal): string[] {
  const scopes = findings.flatMap(({ scope }) => scope ?? []);
  if (scopes.length === 0) return [];
  const width = Math.max(...scopes.map(({ name }) => name.length)) + 2;
  return [
    ...scopes.flatMap(({ name, neededFor }) => {
      const [first = '', ...more] = wrap(neededFor.join(', '), terminal, ' '.repeat(indent.length + width));
      return [indent + name.padEnd(width) + first.trimStart(), ...more];
    }),
    ...wrap('Give the key these scopes, or leave out what needs them.', terminal, deeper),
  ];
}

function tableLines({ area, says, todo, tables = [] }: Finding, terminal: Terminal): string[] {
  return [
    ...wrap(tables.join(', '), terminal, indent),
    ...wrap(`${area} ${says}. ${todo ?? ''}`.trim(), terminal, deeper),
  ];
}

/** The settings as TypeScript, to be copied. */
function settingLines(settings: Settings | undefined, terminal: Terminal): string[] {
  if (!settings) return [];
  const { streams, exports, webhooks } = settings;
  return [
    ...(streams ? hanging(`streams: [${streams.map((name) => `'${name}'`).join(', ')}],`, terminal) : []),
    ...(exports ? [`${indent}exports: { cron: '${exports.cron}' },`] : []),
    ...(webhooks ? [`${indent}webhooks: { enabled: ${webhooks.enabled} },`] : []),
  ];
}

function listRow({ operation, page, order: of }: Endpoint): [string, number, string, string][] {
  if (operation.kind !== 'list' || !page) return [];
  const words = of === undefined ? 'too few rows to tell' : (of ?? 'none that can be recognised');
  return [[operation.path, page.rows.length, page.hasPagination ? 'yes' : 'no', words]];
}

function verdict(findings: readonly Finding[], requests: number): string {
  const { scopes, lost, others } = looksOf(findings);
  const tables = lost.flatMap((finding) => finding.tables ?? []).length;
  const looks = [
    ...(scopes.length > 0 ? [`the key lacks ${counted(scopes.length, 'scope')}`] : []),
    ...(tables > 0 ? [`${counted(tables, 'table')} cannot be loaded`] : []),
    ...(others.length > 0 ? [`${others.length} ${scopes.length + tables > 0 ? 'more ' : ''}to look at`] : []),
  ].join(', ');
  const words = ['All is well.', `${looks}.`, 'As it is, this cannot be used.'][exitStatus(findings)] ?? '';
  return `${capitalized(words)} ${counted(requests, 'request')} made.`;
}

export function dataOf({ endpoints, findings, ...of }: Diagnosis): unknown {
  return {
    verdict: ['good', 'look', 'unusable'][exitStatus(findings)],
    ...of,
    findings,
    endpoints: endpoints.map(({ operation, asked, page, differences, rejected, order: inOrder }) => ({
      path: operation.path,
      table: operation.stream.name,
      kind: operation.kind,
      status: asked?.status ?? null,
      fault: asked?.fault ?? null,
      rows: page?.rows.length ?? null,
      pagination: operation.kind === 'list' ? (page?.hasPagination ?? null) : null,
      order: inOrder ?? null,
      rejected,
      differences,
    })),
  };
}
