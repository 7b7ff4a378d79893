// A workspace whose problems are posted to Slack and to Teams, and whose nights are mailed: docs/notices.md.
// Try it: npx cdk synth --app 'node app-with-notices.js'
import { App } from 'aws-cdk-lib';
import { Notices, ProspectLake } from 'prospect-lake';

const app = new App();
const env = { account: '111122223333', region: 'eu-central-1' };
const lake = new ProspectLake(app, 'Lake', { config: { name: 'main', ...env } });
new Notices(app, 'ProspectLake-main-Notices', {
  lake,
  slackSecret: 'prospect-lake/slack',
  teamsSecret: 'prospect-lake/teams',
  nightsTo: 'data@example.com',
});
