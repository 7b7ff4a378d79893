/** The doctor's answer: lines for a person, a value for a program. */

import { textTable } from '../local/cli/text-table.ts';
import type { Endpoint } from './checks/endpoints.ts';
import type { Examination } from './examine-api.ts';
import { exitStatus, type Finding, type Level } from './finding.ts';

const marks: Record<Level, string> = { ok: 'ok', look: 'look at', unusable: 'unusable', skipped: '-' };
const order: readonly Level[] = ['unusable', 'look', 'skipped', 'ok'];

export interface Diagnosis extends Examination {
  readonly workspace: string;
  readonly baseUrl: string;
  readonly requests: number;
}

export function linesOf(diagnosis: Diagnosis): string[] {
  const { findings, endpoints } = diagnosis;
  const bad = findings.filter(({ level }) => level === 'unusable' || level === 'look');
  const rest = findings.filter((finding) => !bad.includes(finding));
  return [
    ...bad.toSorted((a, b) => order.indexOf(a.level) - order.indexOf(b.level)).flatMap(problemLines),
    ...(bad.length > 0 ? [''] : []),
    ...(rest.length > 0
      ? [
          textTable(
            ['', 'what', ''],
            rest.map(({ level, area, says }) => [marks[level], area, says]),
          ),
          '',
        ]
      : []),
    ...(endpoints.length > 0
      ? [textTable(['list', 'rows', 'pagination', 'order'], endpoints.flatMap(listRow)), '']
      : []),
    verdict(findings, diagnosis.requests),
  ];
}

function problemLines({ level, area, says, todo }: Finding): string[] {
  return [`${marks[level].padEnd(9)} ${area}: ${says}`, ...(todo === undefined ? [] : [`          ${todo}`])];
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
