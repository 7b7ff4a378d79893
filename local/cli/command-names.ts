/**
 * The commands of the program and what each does, in the order of its help. This file imports nothing, so that the help
 * appears at once: a command's own file is loaded only when the command runs.
 */

/** Commands of `prospect-lake`. */
export const programSummaries = {
  start: 'Runs the pipeline on this machine, over the simulator or over your workspace.',
  query: 'Queries the tables of a local run with DuckDB.',
  doctor: 'Checks whether a workspace can be loaded with your key, and deployed with your AWS credentials.',
  mcp: 'Serves the tables to an agent over the Model Context Protocol, read-only and without personal data.',
  page: 'Shows the page of the last run: prints its address, and opens it if there is a screen.',
  'simulate-event': 'Changes a lead in the simulator of a watching run, and sends the signed event about it.',
  simulator: 'Runs the simulated API by itself, until it is interrupted.',
  scopes: 'Lists the scopes that the API key of each workspace of the configuration needs.',
  cost: 'Estimates the monthly cost of each workspace of the configuration, by service.',
  policies:
    'Writes the IAM policies of a workspace: for those who deploy, operate, maintain, watch, query, build models and uninstall.',
  synth: 'Writes the CloudFormation templates and the functions to a folder. Needs no account.',
  deploy: 'Deploys a workspace step by step, and goes on where an earlier deployment stopped.',
  'check-columns': 'Compares the types of the custom columns with the deployed tables. Changes nothing.',
  ops: 'Operates a deployed workspace, or with --local the folder of start. Its commands:',
} as const;

/** Commands of `prospect-lake ops`. */
export const opsSummaries = {
  status: 'Shows runs under way, the last runs and what to do about them, how fresh each table is, and what waits.',
  run: 'Starts a nightly run now, as the schedule would. Does nothing while one is under way.',
  backfill: 'Reads streams again, leads within a window. Watermarks stay where they are.',
  'replay-dead-letters': 'Shows what was given up and why, and sends it again. Fix the cause first.',
  'replay-rejected': 'Converts chunks with rejected rows again, with the version that is deployed now.',
  pause: 'Stops the pipeline: no run begins, and none goes on. Messages and webhook events wait in the queues.',
  resume: 'Lets a paused pipeline continue where it was.',
  'rotate-webhook-secret':
    'Takes a new signing secret from the vendor; the old one stays valid for webhooks.previousSecretHours.',
  'approve-deletions': 'Deletes rows that a run found missing, and held back because they were too many.',
  audit:
    'Compares the API with the current tables, row by row, and the files of the lake with their receipts. Exit status: 0 if all matches, 1 if not, 2 if it could not look.',
  trace:
    'Shows what each version of a row changed and where it came from: run, raw chunk, request_id. Or shows the rows that came from one of these.',
  forget: 'Removes every row of a person, and of what belongs to them, from everything that is stored.',
  rehash: 'Applies personalData of the configuration to rows that are written already.',
  'support-bundle':
    'Writes a file for whoever helps you: versions, runs, queues and errors; no rows, no keys, no personal data.',
} as const;

export type ProgramCommandName = keyof typeof programSummaries;
export type OpsCommandName = keyof typeof opsSummaries;

/** A command as a person types it, from a checkout and from the installed package alike. */
export const typed = (command: string): string => `npx prospect-lake ${command}`;

/** Name and summary of a command of the program, for its declaration. */
export const programCommand = (name: ProgramCommandName) => ({ command: typed(name), summary: programSummaries[name] });

/** Name and summary of a command of `ops`, for its declaration. */
export const opsCommandNamed = (name: OpsCommandName) => ({ name, summary: opsSummaries[name] });
