import { CfnOutput, Tags } from 'aws-cdk-lib';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { z } from 'zod';
import { ownAppOutput, stackNames } from '../lambdas/contract/outputs.ts';
import { grantQuery } from './access/grant-query.ts';
import { allowServicesOrWarn } from './access/key-policy.ts';
import { allowAlarms } from './access/topic-policy.ts';
import { ConfigError, parseWorkspace } from './config/config.ts';
import { refuseOtherToken } from './config/token-arn.ts';
import { checkVpc } from './constructs/check-vpc.ts';
import { featureFlags } from './feature-flags.ts';
import { DataStack } from './data-stack.ts';
import { PipelineStack } from './pipeline-stack.ts';
import type { WorkspaceInput } from './config/workspace-input.ts';

export interface ProspectLakeProps {
  /** The settings of docs/configuration.md. All but `name` have a default. */
  readonly config: WorkspaceInput;
}

/** Context of the app that the program makes, which knows nothing beside the configuration. */
export const programContext = 'prospect-lake:program';

/** An app in JavaScript has no compiler that asks for `config`, or refuses what belongs into it. */
const propsWithConfig = z.strictObject({ config: z.custom((config) => config !== undefined) });

/**
 * One workspace of ProspectB2B as tables in an AWS account: a stack that holds data, and one that can be created anew.
 * `new ProspectLake(app, 'Lake', { config: { name: 'main' } })`
 * @throws ConfigError
 */
export class ProspectLake extends Construct {
  /** Name of the workspace. */
  readonly workspace: string;
  /** The stack that holds data. Its deletion is protected. */
  readonly data: DataStack;
  /** The stack of the functions, queues, schedules and alarms. It holds no data and can be created anew. */
  readonly pipeline: PipelineStack;
  /** The topic that gets the alarms and what a person must do. An app can add its own subscriptions. */
  readonly alarmTopic: ITopic;

  constructor(scope: Construct, id: string, props: ProspectLakeProps) {
    if (!propsWithConfig.safeParse(props).success)
      throw new ConfigError([
        `ProspectLake '${id}' takes all settings in config, and nothing beside it: write new ProspectLake(app, '${id}', { config: { name: 'main' } }).`,
      ]);
    // Checked before the construct joins the app, so that an app can catch the error and go on.
    const config = parseWorkspace(props.config);
    refuseOtherToken(`workspace '${config.name}': kmsKeyArn`, config.kmsKeyArn, 'AWS::KMS::Key');
    refuseOtherToken(`workspace '${config.name}': alarmTopicArn`, config.alarmTopicArn, 'AWS::SNS::Topic');
    super(scope, id);
    // An app of somebody else has other flags, or none. The stacks must be the same in each app.
    for (const [flag, value] of Object.entries(featureFlags())) this.node.setContext(flag, value);
    const { name, account, region, tags } = config;
    this.workspace = name;
    const names = stackNames(name);
    // Otherwise the CDK adds a resource with the versions of the app's packages, and the templates differ between apps.
    const analyticsReporting = false;
    const env = { ...(account ? { account } : {}), ...(region ? { region } : {}) };
    this.data = new DataStack(this, 'Data', {
      config,
      env,
      analyticsReporting,
      stackName: names.data,
      description: `Prospect Lake '${name}': the resources that hold data.`,
    });
    this.refuseSecond(name);
    // `prospect-lake deploy` refuses a stack with this output: its own template may lack the key and the VPC of the app.
    if (this.node.tryGetContext(programContext) === undefined)
      new CfnOutput(this.data, ownAppOutput, {
        value: 'yes',
        description: 'A CDK app of your own made this stack: npx prospect-lake deploy refuses it.',
      });
    if (config.kmsKeyArn !== undefined) allowServicesOrWarn(this.data, name, config.kmsKeyArn);
    if (config.alarmTopicArn !== undefined) allowAlarms(this.data, name, config.alarmTopicArn);
    if (config.vpc !== undefined) checkVpc(this.data, name, config.vpc);
    this.pipeline = new PipelineStack(this, 'Pipeline', {
      config,
      data: this.data,
      env,
      analyticsReporting,
      stackName: names.pipeline,
      description: `Prospect Lake '${name}': the resources that load the data.`,
    });
    this.pipeline.addStackDependency(this.data);
    this.alarmTopic = this.pipeline.alarmTopic;
    for (const [key, value] of Object.entries({ 'prospect-lake': name, ...tags })) Tags.of(this).add(key, value);
  }

  /**
   * Lets a role, user or group of the same account query the tables with Athena, as the policy `analyst.json` of
   * `prospect-lake policies` does.
   */
  grantQuery(grantee: IGrantable): Grant {
    return grantQuery(this.data, this.workspace, grantee);
  }

  /**
   * Refuses a second workspace of the same name in the same account and region. The name is part of the names of
   * buckets, secrets and databases, so the second workspace would fail in the middle of its deployment.
   */
  private refuseSecond(name: string): void {
    const { stackName, environment } = this.data;
    for (const other of this.node.root.node.findAll()) {
      if (!(other instanceof ProspectLake) || other === this) continue;
      if (other.data.stackName === stackName && other.data.environment === environment)
        throw new ConfigError([
          `workspace '${name}': there are two with this name in the app, '${other.node.path}' and '${this.node.path}'; give each its own name`,
        ]);
    }
  }
}
