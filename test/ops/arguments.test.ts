import { describe, expect, it } from 'vitest';
import { parseRequest } from '../../ops/arguments.ts';
import { commands } from '../../ops/commands.ts';

const parse = (line: string) => parseRequest(line.split(' ').filter(Boolean), commands);

describe('the arguments of npx prospect-lake ops', () => {
  it.each([
    ['explode', "There is no command 'explode'; the commands are status, run, backfill"],
    ['backfill', '--stream wants one stream or several, such as leads,'],
    ['backfill --stream nothing', "there is no stream 'nothing'; the streams are leads"],
    ['stats', "There is no command 'stats'; did you mean status? Help: npx prospect-lake ops --help"],
    ['backfill --stream lead', "--stream: there is no stream 'lead'; did you mean leads?"],
    ['trace lead 1', "table: there is no 'lead'; did you mean leads?"],
    ['trace nothing 1', "table: there is no 'nothing'; it wants one of leads, campaigns"],
    ['backfill --stream leads --from yesterday', "'yesterday' is no date: --from wants one such as 2026-01-31"],
    ['backfill --stream leads --from 2026-02-01 --to 2026-01-01', '--from has to be before --to'],
    ['approve-deletions', '--run wants the id of a run'],
    ['approve-deletions --run ../x', '--run wants the id of a run'],
    ['status now', "'now' is one word too many"],
    ['status --fast', "Unknown option '--fast'. Help:"],
    ['audit --repiar', "Unknown option '--repiar'; did you mean --repair? Help: npx prospect-lake ops audit --help"],
    ['status --jsn', "Unknown option '--jsn'; did you mean --json? Help:"],
    ['forget --file a --file b', '--file takes one value, and has 2.'],
    ['status --out a --out=b', '--out takes one value, and has 2.'],
    ['status --local --out=', '--out wants a path'],
  ])('are refused if they are %j, with what to do', (line, says) => {
    expect(() => parse(line)).toThrow(expect.objectContaining({ message: expect.stringContaining(says) }));
  });

  it('give a command its own checked flags, and keep the common flags separate', () => {
    const request = parse('backfill --stream leads,campaigns --from 2026-01-01 --local --yes --json');
    expect(request).toMatchObject({
      kind: 'run',
      command: { name: 'backfill' },
      common: { local: true, yes: true, json: true, out: '.prospect-lake' },
      input: { stream: ['leads', 'campaigns'], from: '2026-01-01T00:00:00.000Z' },
    });
  });

  it.each([
    [
      'forget --id A --id=B --email a@x.example --email b@x.example',
      { id: ['A', 'B'], email: ['a@x.example', 'b@x.example'] },
    ],
    ['forget --confirm --id A --id B', { confirm: true, id: ['A', 'B'] }],
    ['audit --streams leads', { stream: ['leads'] }],
    ['audit --stream leads --streams=jobs,imports', { stream: ['leads', 'jobs', 'imports'] }],
    ['audit --stream leads --stream jobs,imports', { stream: ['leads', 'jobs', 'imports'] }],
  ])('are all taken where a list is meant: %s', (line, input) => {
    expect(parse(line)).toMatchObject({ input });
  });

  it('mean a local run if they name its folder', () => {
    expect(parse('status --out ../here')).toMatchObject({ common: { local: true, out: '../here' } });
    expect(parse('status')).toMatchObject({ common: { local: false } });
  });

  it('offer --yes only to a command that asks before it changes something, and take it of any', () => {
    for (const { name, ...command } of commands) {
      const request = parse(`${name} --help`);
      const text = request.kind === 'help' ? request.text : '';
      expect([name, text.includes('--yes')]).toEqual([name, !('read' in command)]);
    }
    expect(parse('status --yes')).toMatchObject({ kind: 'run' });
  });

  it('list all commands if there are none, and a command’s flags with --help', () => {
    const overview = parse('');
    expect(overview).toMatchObject({ kind: 'help' });
    for (const { name } of commands) expect(overview).toMatchObject({ text: expect.stringContaining(name) });
    expect(parse('backfill --help')).toMatchObject({ kind: 'help', text: expect.stringContaining('--stream <a,b>') });
  });

  it.each([
    ['backfill', 'backfill --stream <a,b> [--from <ISO>] [--to <ISO>]'],
    ['approve-deletions', 'approve-deletions --run <run> [--although-given]'],
    ['support-bundle', 'support-bundle --out-file <path>'],
    ['trace', 'trace [<table>] [<id>] [--request <id>] [--chunk <key>] [--run <run>]'],
    ['status', 'status [--runs <n>]'],
  ])('have no brackets around required flags in the usage of %s', (name, usage) => {
    const request = parse(`${name} --help`);
    const text = request.kind === 'help' ? request.text.replaceAll(/\n  (?=\[)/g, ' ') : '';
    expect(text).toContain(`\nUsage: npx prospect-lake ops ${usage}\n`);
  });

  it('are refused without the name of the command at the beginning', () => {
    expect(() => parse('trace leads')).toThrow(/^(?!.*trace: )trace wants a table and an id/);
  });
});
