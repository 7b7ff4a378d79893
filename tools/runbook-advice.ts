import { problemNames } from '../lambdas/contract/problems.ts';

/**
 * What docs/runbook.md says about each problem, as JSON for the page of a run. Steps become one text.
 * @throws Error if a problem has no section, or its section lacks a part
 */
export function runbookAdvice(runbook: string): string {
  const advice = problemNames.map((name) => {
    const section = runbook.split(/^### /m).find((text) => text.startsWith(`${name}\n`)) ?? '';
    const optional = (label: string) => (section.includes(`\n**${label}:**`) ? part(label) : undefined);
    const part = (label: string): string => {
      const [, text = ''] =
        new RegExp(String.raw`^\*\*${label}:\*\*(.+?)(?=^\*\*|^## |$(?![\s\S]))`, 'ms').exec(section) ?? [];
      const line = text
        .split('\n')
        .map((each) => each.replace(/^\d+\. /, '').trim())
        .filter((each) => each !== '')
        .join(' ');
      if (line === '') throw new Error(`docs/runbook.md has no '${label}' for ${name}.`);
      return line.charAt(0).toUpperCase() + line.slice(1);
    };
    const ifFit = optional('Do if the newest values fit');
    return [name, { means: part('Means'), look: part('Look at'), act: part('Do'), ...(ifFit ? { ifFit } : {}) }];
  });
  return `${JSON.stringify(Object.fromEntries(advice), null, 2)}\n`;
}
