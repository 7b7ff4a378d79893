import { App, Stack } from 'aws-cdk-lib';
import { AccountPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { ProspectLake } from 'prospect-lake';

const app = new App();
const env = { account: '111122223333', region: 'eu-central-1' };
const lake = new ProspectLake(app, 'Lake', { config: { name: 'main', ...env } });

const reports = new Stack(app, 'Reports', { env });
const reader = new Role(reports, 'Reader', { assumedBy: new AccountPrincipal(env.account) });
lake.grantQuery(reader);
