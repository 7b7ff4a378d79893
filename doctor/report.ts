/** The doctor's answer: lines for a person, a value for a program. */

import { pipe, type Terminal, wrap } from '../local/cli/terminal.ts';
import { textTable } from '../local/cli/text-table.ts';
import type { Endpoint } from './checks/endpoints.ts';
import type { Examination } from './examine-api.ts';
import { exitStatus, type Finding, type Level } from './finding.ts';

const marks: Record<Level, string> = { ok: 'ok', note: 'note', look: 'look at', unusable: 'unusable', skipped: '-' };
const order: readonly Level[] = ['unusable', 'look', 'note', 'skipped', 'ok'];
const indent = ' '.repeat(10);

export interface Diagnosis extends Examination {
  readonly workspace: string;
  readonly baseUrl: string;
  readonly requests: number;
}

export function linesOf(diagnosis: Diagnosis, terminal: Terminal = pipe): string[] {
  const { findings, endpoints } = diagnosis;
  const bad = findings.filter(({ level }) => level === 'unusable' || level === 'look');
  const rest = findings.filter((finding) => !bad.includes(finding));
  const lines = (of: readonly Finding[]) =>
    of.length === 0
      ? []
      : [
          ...of
            .toSorted((a, b) => order.indexOf(a.level) - order.indexOf(b.level))
            .flatMap((each) => findingLines(each, terminal)),
          '',
        ];
  return [
    ...lines(bad),
    ...lines(rest),
    ...(endpoints.length > 0
      ? [textTable(['list', 'rows', 'pagination', 'order'], endpoints.flatMap(listRow), terminal), '']
      : []),
    verdict(findings, diagnosis.requests),
  ];
}

function findingLines({ level, area, says, todo }: Finding, terminal: Terminal): string[] {
  const [first = '', ...more] = wrap(`${area}: ${says}`, terminal, indent);
  return [
    marks[level].padEnd(indent.length) + first.slice(indent.length),
    ...more,
    ...(todo === undefined ? [] : wrap(todo, terminal, indent)),
  ];
}

function listRow({ operation, page, order: of }: Endpoint): [string, number, string, string][] {
  if (operation.kind !== 'list' || !page) return [];
  const words = of === undefined ? 'too few rows to tell' : (of ?? 'none that can be recognised');
  return [[operation.path, page.rows.length, page.hasPagination ? 'yes' : 'no', words]];
}

function verdict(findings: readonly Finding[], requests: number): string {
  const count = findings.filter(({ level }) => level === 'look').length;
  const made = `${requests} ${requests === 1 ? 'request' : 'requests'} made.`;
  const words = ['All is well.', `${count} to look at.`, 'As it is, this cannot be used.'][exitStatus(findings)];
  return `${words} ${made}`;
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
