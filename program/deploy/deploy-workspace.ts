/**
 * The steps of `prospect-lake deploy`. Each first asks AWS whether it is done already, so a deployment that was
 * interrupted goes on where it stopped, on any machine. Nothing is remembered in a file.
 */

import { UsageError } from '../../local/cli/usage-error.ts';

export type StackKind = 'data' | 'pipeline';

/** What the steps need from AWS, the vendor and the person. */
export interface DeployPorts {
  /** Name of a stack in CloudFormation. */
  readonly names: Readonly<Record<StackKind, string>>;
  /** Status of a stack, such as `CREATE_COMPLETE`; undefined if there is none. */
  status(stack: string): Promise<string | undefined>;
  /** Creates or updates a stack. Does nothing if it is as wanted. */
  deploy(kind: StackKind): Promise<void>;
  /** Whether the secret for the API's key has a value. */
  hasKey(): Promise<boolean>;
  /** The key, from the environment, a file or the person; checked with the API. */
  readKey(): Promise<string>;
  storeKey(key: string): Promise<void>;
  /** Starts a run, unless one is under way or has ended. */
  startRun(): Promise<void>;
  /** Whether a table can be queried. */
  hasTables(): Promise<boolean>;
  wait(): Promise<void>;
  say(text: string): void;
}

/** An update takes minutes. After some two hours a person should look at the stack. */
const mostWaits = 720;

/** Deploys a workspace, starts its first run, and waits until its first tables can be queried. */
export async function deployWorkspace(ports: DeployPorts): Promise<void> {
  await deployStack('data', ports);
  if (await ports.hasKey()) ports.say('The secret has the key of the API already.');
  else {
    await ports.storeKey(await ports.readKey());
    ports.say('The key of the API is in its secret.');
  }
  await deployStack('pipeline', ports);
  if (await ports.hasTables()) {
    ports.say('The tables can be queried.');
    return;
  }
  await ports.startRun();
  await until(ports, () => ports.hasTables(), 'No table can be queried yet, and the run goes on');
  ports.say('The first tables can be queried. They fill while the run goes on.');
}

async function deployStack(kind: StackKind, ports: DeployPorts): Promise<void> {
  const name = ports.names[kind];
  let status = await ports.status(name);
  if (isUnderWay(status)) {
    ports.say(`${name}: ${status}, since an earlier deployment. Waiting until it ends.`);
    await until(
      ports,
      async () => {
        status = await ports.status(name);
        return !isUnderWay(status);
      },
      `${name} still is ${status}`,
    );
  }
  refuseBroken(name, status);
  ports.say(`${name}: ${status === undefined ? 'is created' : 'is compared, and updated if it differs'} …`);
  await ports.deploy(kind);
  ports.say(`${name}: ${(await ports.status(name)) ?? 'deployed'}`);
}

/** A change set that nobody executed leaves REVIEW_IN_PROGRESS for ever; a deployment can go on from there. */
function isUnderWay(status: string | undefined): boolean {
  return status !== undefined && status !== 'REVIEW_IN_PROGRESS' && status.endsWith('_IN_PROGRESS');
}

/** @throws UsageError about a stack that a deployment cannot continue from */
function refuseBroken(name: string, status: string | undefined): void {
  const broken: Readonly<Record<string, string>> = {
    UPDATE_ROLLBACK_FAILED: `Its update and its rollback failed. Type: aws cloudformation continue-update-rollback --stack-name ${name}`,
    DELETE_FAILED: `Its deletion failed. Look at the events of the stack, and delete it again: aws cloudformation delete-stack --stack-name ${name}`,
    ROLLBACK_FAILED: `Its creation and its rollback failed. Look at the events of the stack, then type: aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name ${name} && aws cloudformation delete-stack --stack-name ${name}`,
    ROLLBACK_COMPLETE: `Its creation failed and was rolled back. The events of the stack in CloudFormation say why: mend that, then type: aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name ${name} && aws cloudformation delete-stack --stack-name ${name}`,
  };
  const advice = status === undefined ? undefined : broken[status];
  if (advice)
    throw new UsageError(`${name} is in the state ${status}. ${advice} Then deploy again: it goes on here.`, 1);
}

/** Waits until `isTrue` returns true. @throws UsageError if that takes longer than two hours */
async function until({ wait }: DeployPorts, isTrue: () => Promise<boolean>, otherwise: string): Promise<void> {
  for (let waits = 0; waits < mostWaits; waits += 1) {
    if (await isTrue()) return;
    await wait();
  }
  throw new UsageError(`${otherwise} after two hours. Type the same command again to go on waiting.`, 1);
}
