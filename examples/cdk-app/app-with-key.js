// A workspace whose data is encrypted with a key of the app. The construct lets the services that need the key use it.
// Try it: npx cdk synth --app 'node app-with-key.js'
import { App, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { ProspectLake } from 'prospect-lake';

const app = new App();
const env = { account: '111122223333', region: 'eu-central-1' };

const keys = new Stack(app, 'Keys', { env });
const key = new Key(keys, 'Key', { enableKeyRotation: true, removalPolicy: RemovalPolicy.RETAIN });
new ProspectLake(app, 'Lake', { config: { name: 'main', ...env, kmsKeyArn: key.keyArn } });
