import { startCloud } from '../../../local/cloud/cloud.ts';

/** An embedded cloud in its own process, for tests that kill it. Sends its addresses when it has started. */
const [assembly = '', out = ''] = process.argv.slice(2);
const cloud = await startCloud({ assembly, out, timeScale: 10 });
process.send?.({ endpoint: cloud.endpoint, queueUrl: cloud.queueUrl('work-queue'), bucket: cloud.bucketName('lake') });
