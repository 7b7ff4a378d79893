import { z } from 'zod';
import { account, type Answer, escaped, type Request, xml, xmlError } from './aws-answers.ts';

const template = z.object({ Outputs: z.record(z.string(), z.unknown()).default({}) });
const idOf = (name: string) => `arn:aws:cloudformation:eu-west-1:${account}:stack/${name}/1`;

interface Stack {
  status: string;
  template: string;
  changeSet: { name: string; template: string } | undefined;
  /** Number of answers that still report the operation as in progress. */
  steps: number;
}

/** Stacks whose change sets take a while. They create no resources. */
export class CloudFormationStub {
  readonly stacks = new Map<string, Stack>();
  isBootstrapped = true;
  readonly #outputs: Readonly<Record<string, string>>;
  readonly #uploaded: (url: URL) => string;
  readonly #step: <T>(name: string, effect: () => T) => T;

  /**
   * @param outputs values of the stacks' outputs, by name
   * @param uploaded the template at an address
   * @param step runs an effect that changes something
   */
  constructor(
    outputs: Readonly<Record<string, string>>,
    uploaded: (url: URL) => string,
    step: <T>(name: string, effect: () => T) => T,
  ) {
    this.#outputs = outputs;
    this.#uploaded = uploaded;
    this.#step = step;
  }

  answer({ action, query }: Request): Answer | undefined {
    const name = (query.get('StackName') ?? '').replace(/^arn:[^/]*stack\/([^/]+)\/.*$/, '$1');
    const stack = this.stacks.get(name);
    switch (action) {
      case 'DescribeStacks': {
        if (name === 'CDKToolkit' && this.isBootstrapped)
          return xml(
            action,
            `<Stacks><member>${this.#member(name, 'UPDATE_COMPLETE', { BootstrapVersion: '30' })}</member></Stacks>`,
          );
        if (!stack) return xmlError('ValidationError', `Stack with id ${name} does not exist`);
        return xml(action, `<Stacks><member>${this.#describe(name, stack)}</member></Stacks>`);
      }
      case 'GetTemplate':
        return stack
          ? xml(action, `<TemplateBody>${escaped(stack.template || '{}')}</TemplateBody>`)
          : xmlError('ValidationError', `Stack with id ${name} does not exist`);
      case 'CreateChangeSet':
        return this.#step(`create change set of ${name}`, () => {
          const changeSet = {
            name: query.get('ChangeSetName') ?? '',
            template: query.get('TemplateBody') ?? this.#uploaded(new URL(query.get('TemplateURL') ?? '')),
          };
          const made = stack ?? { status: 'REVIEW_IN_PROGRESS', template: '', changeSet, steps: 0 };
          this.stacks.set(name, { ...made, changeSet });
          return xml(
            action,
            `<Id>arn:aws:cloudformation:eu-west-1:${account}:changeSet/c/1</Id><StackId>${idOf(name)}</StackId>`,
          );
        });
      case 'DescribeChangeSet': {
        if (!stack?.changeSet) return xmlError('ChangeSetNotFound', 'ChangeSet does not exist');
        const isSame = stack.changeSet.template === stack.template;
        const change =
          '<Changes><member><Type>Resource</Type><ResourceChange><Action>Add</Action><LogicalResourceId>L</LogicalResourceId><ResourceType>AWS::S3::Bucket</ResourceType></ResourceChange></member></Changes>';
        return xml(
          action,
          `<ChangeSetName>${stack.changeSet.name}</ChangeSetName><ChangeSetId>arn:aws:cloudformation:eu-west-1:${account}:changeSet/c/1</ChangeSetId><StackId>${idOf(name)}</StackId><StackName>${name}</StackName><ExecutionStatus>AVAILABLE</ExecutionStatus>${isSame ? "<Status>FAILED</Status><StatusReason>The submitted information didn't contain changes. Submit different information to create a change set.</StatusReason><Changes/>" : `<Status>CREATE_COMPLETE</Status>${change}`}`,
        );
      }
      case 'ExecuteChangeSet':
        return this.#step(`execute change set of ${name}`, () => {
          if (stack?.changeSet)
            this.stacks.set(name, {
              status: stack.status === 'REVIEW_IN_PROGRESS' ? 'CREATE_IN_PROGRESS' : 'UPDATE_IN_PROGRESS',
              template: stack.changeSet.template,
              changeSet: undefined,
              steps: 2,
            });
          return xml(action, '');
        });
      case 'DeleteChangeSet':
        if (stack) stack.changeSet = undefined;
        return xml(action, '');
      case 'DescribeStackEvents':
      case 'ListStackResources':
      case 'DescribeStackResources':
      case 'UpdateTerminationProtection':
        return xml(action, '');
      default:
        return undefined;
    }
  }

  #describe(name: string, stack: Stack): string {
    if (stack.status.endsWith('_IN_PROGRESS') && stack.status !== 'REVIEW_IN_PROGRESS') {
      if (stack.steps === 0) stack.status = stack.status.replace('_IN_PROGRESS', '_COMPLETE');
      stack.steps -= 1;
    }
    const { Outputs } = template.parse(JSON.parse(stack.template || '{}'));
    const values = Object.keys(Outputs).map((output) => [output, this.#outputs[output] ?? `https://x.test/${output}`]);
    return this.#member(name, stack.status, Object.fromEntries(values));
  }

  #member(name: string, status: string, outputs: Readonly<Record<string, string>>): string {
    const members = Object.entries(outputs).map(
      ([key, value]) => `<member><OutputKey>${key}</OutputKey><OutputValue>${escaped(value)}</OutputValue></member>`,
    );
    return `<StackId>${idOf(name)}</StackId><StackName>${name}</StackName><StackStatus>${status}</StackStatus><CreationTime>2026-01-01T00:00:00Z</CreationTime><Outputs>${members.join('')}</Outputs>`;
  }
}
