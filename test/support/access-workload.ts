import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { publishMessage } from '../../lambdas/contract/messages.ts';
import { extractReceiptKey, pageKey, pageStateKey, planKey } from '../../lambdas/contract/object-keys.ts';
import { webhookEvents } from '../../lambdas/contract/webhook.ts';
import { runIdOf } from '../../lambdas/core/runs/run-ids.ts';
import { type Simulator, startSimulator } from '../../local/simulator/simulator.ts';
import { AccessRecording, fullConfig, sourceBucket } from './access-recording.ts';
import { EventWorld } from './event-world.ts';

const firstTick = Date.parse('2026-11-24T02:00:00.000Z');
const hour = 3_600_000;
const longAgo = '2020-01-01T00:00:00.000Z';

/** A small workspace on the embedded cloud in which every function does everything that it can do. */
export class AccessWorkload {
  readonly simulator: Simulator;
  readonly world: EventWorld;
  readonly recording: AccessRecording;
  #tick = firstTick;

  private constructor(simulator: Simulator, world: EventWorld, recording: AccessRecording) {
    this.simulator = simulator;
    this.world = world;
    this.recording = recording;
  }

  static async start(apiKey: string, assembly: string): Promise<AccessWorkload> {
    const simulator = await startSimulator({ leads: 3, exportPolls: 0, apiKey });
    const recording = new AccessRecording();
    const whenFull = (value: string, otherwise: string) => () => (recording.isFull ? value : otherwise);
    const world = await EventWorld.start(simulator, {
      assembly,
      streams: ['leads'],
      timeScale: 100,
      processes: true,
      // One process for each function: starting a second one takes longer than waiting for the first.
      concurrency: { extract: 1, convert: 1, publish: 1, refresh: 1, export: 1 },
      webhookSecret: null,
      buckets: [sourceBucket],
      hooks: recording.hooks,
      environment: {
        // Publish deletes old files only from tables that a run reads whole, so one run has to read all tables.
        STREAMS: whenFull('all', 'leads,lead_messages,exports'),
        EXPORT_SOURCE: whenFull(JSON.stringify(fullConfig.exports?.source), ''),
        PERSONAL_DATA: whenFull(JSON.stringify({ drop: [], ...fullConfig.personalData }), '{"drop":[],"hash":[]}'),
        // Object key of the deployed page. A local run would use another key.
        PAGE_KEY: pageKey,
        LOCAL_FLAGS: '',
        MAX_DELETED_SHARE: '1',
        // Simulated seconds, which pass 100 times faster. Plain: 0.1 s, so that publish checks a run before its end.
        // Full: 1 s, so that it rarely does.
        PUBLISH_CHECK_SECONDS: whenFull('100', '10'),
      },
    });
    return new AccessWorkload(simulator, world, recording);
  }

  async end(): Promise<void> {
    await this.world.end();
    await this.simulator.stop();
  }

  /** Runs everything, first under the plain configuration, then with every option on. */
  async run(): Promise<AccessRecording> {
    const { cloud, webhookUrl } = this.world;
    await cloud.invoke('register', { action: 'rotate', url: webhookUrl, events: [...webhookEvents] });
    await this.#events();
    // So that the first night, too, starts without a state of the page.
    await this.#remove(pageStateKey);
    await this.#fire('nightly');
    this.simulator.updateLead(this.#leadId(0), { title: 'Changed' });
    await this.#leadEvent();
    await this.#fire('nightly');
    await cloud.invoke('plan', { scheduledAt: this.#next().toISOString(), kind: 'backfill' });
    await cloud.idle();
    await this.#redeliver('extract', /"taskId":"leads\.0".*"continuation"/, 'leads.0');
    await this.#refusedKeys();
    this.#lostDelivery();
    await Promise.all([this.#export(), this.#fire('reconciliation'), this.#failingMessages()]);
    // The first run of the watch function finds the dead letters; the second also finds the state that the first has
    // stored.
    await this.#fire('looks');
    await this.#fire('looks');

    this.recording.isFull = true;
    for (const processId of this.recording.processes) cloud.kill(processId);
    this.simulator.deleteLead(this.#leadId(1));
    await Promise.all([this.#fire('nightly'), this.#export()]);
    await this.#leadEvent();
    await this.#redeliver('export', /"step":"load"/, 'lead_exports.0');
    await this.#obsoleteSweeps();
    return this.recording;
  }

  #next(): Date {
    this.#tick += hour;
    return new Date(this.#tick);
  }

  #leadId(index: number): string {
    return String([...this.simulator.expectedRows('leads')][index]?.['id']);
  }

  async #fire(schedule: 'nightly' | 'exports' | 'reconciliation' | 'looks'): Promise<void> {
    await this.world.cloud.fire(schedule, this.#next());
    this.recording.now.schedules.push(schedule);
    await this.world.cloud.idle();
  }

  async #events(): Promise<void> {
    const [exported] = [...this.simulator.expectedRows('exports')];
    await this.simulator.emit('lead.updated', this.#leadId(0));
    await this.simulator.emit('export.completed', String(exported?.['id']));
    await this.world.cloud.idle();
  }

  async #leadEvent(): Promise<void> {
    await this.simulator.emit('lead.updated', this.#leadId(0));
    await this.world.cloud.idle();
  }

  /** Makes the vendor list a delivery as delivered, although it never arrived. */
  #lostDelivery(): void {
    const { webhookUrl } = this.world;
    const [endpoint] = [...this.simulator.expectedRows('webhook_endpoints')].filter(({ url }) => url === webhookUrl);
    const hourAgo = new Date(Date.now() - hour).toISOString();
    const lost = { event: 'lead.updated', status: 'delivered', response_status_code: 202, created_at: hourAgo };
    this.simulator.create('webhook_deliveries', lost, String(endpoint?.['id']));
  }

  /** The API refuses the key while a run is planned, and again in the middle of another run. */
  async #refusedKeys(): Promise<void> {
    const { apiKey } = this.simulator;
    const refuse = () => this.simulator.configure({ apiKey: 'pb2b_live_another' });
    refuse();
    await this.#fire('nightly');
    this.simulator.configure({ apiKey });
    this.recording.before = ({ functionName }) => {
      if (functionName === 'extract') refuse();
    };
    await this.#fire('nightly');
    this.recording.before = undefined;
    this.simulator.configure({ apiKey });
  }

  /** As if the task's process had died after it stored its rows: there is no receipt, and the message comes again. */
  async #redeliver(queue: 'extract' | 'export', message: RegExp, taskId: string): Promise<void> {
    const body = this.recording.message(message);
    await this.#remove(extractReceiptKey(runOf(body), taskId));
    await this.#send(queue, body);
    await this.world.cloud.idle();
  }

  /** Runs an export whose file appears in the vendor's bucket just before a function tries to read it again. */
  async #export(): Promise<void> {
    let looks = 0;
    this.recording.before = async ({ operation, resource }) => {
      if (operation !== 'GetObject' || !resource.startsWith(`${sourceBucket}/`)) return;
      looks += 1;
      if (looks === 1) return;
      const id = [...this.simulator.expectedRows('exports')].map((row) => String(row['id'])).at(-1) ?? '';
      const file = [...this.simulator.exportFile(id)].join('');
      await this.#put(sourceBucket, resource.slice(sourceBucket.length + 1), file);
    };
    await this.#fire('exports');
    this.recording.before = undefined;
  }

  /** Sends messages that fail until they become dead letters. */
  async #failingMessages(): Promise<void> {
    const run = { runId: runIdOf('nightly', new Date(longAgo)), runStartedAt: longAgo };
    const task = { taskId: 'leads.0', stream: 'leads', selection: { kind: 'list' } };
    await this.#send('extract', JSON.stringify({ ...run, task, continuation: 0 }));
    await this.#send('convert', JSON.stringify({ ...run, taskId: 'leads.0', stream: 'leads', sequence: 0 }));
    await this.#send('publish', JSON.stringify({ ...run, check: 0 }));
    // No export source is configured, so the export cannot be loaded.
    const load = {
      step: 'load',
      exportId: 'ex',
      startedAt: longAgo,
      fileKey: 'file',
      rowCount: 0,
      complete: false,
      check: 0,
    };
    await this.#send('export', JSON.stringify({ ...run, ...load }));
    await this.world.cloud.idle();
  }

  /** Sends sweeps, which delete the leads that an export lacks: for a run long over, and for one that never existed. */
  async #obsoleteSweeps(): Promise<void> {
    const body = this.recording.message(/"step":"sweep"/);
    await this.#remove(planKey(runOf(body)));
    await this.#send('export', body);
    const runId = runIdOf('export', new Date(longAgo));
    const sweep = { step: 'sweep', exportId: 'no-such-export', startedAt: longAgo, check: 1_000, approved: true };
    await this.#send('export', JSON.stringify({ ...sweep, runId }));
    await this.world.cloud.idle();
  }

  async #send(queue: string, MessageBody: string): Promise<void> {
    const { sqs } = this.world.cloud.clients();
    await sqs.send(new SendMessageCommand({ QueueUrl: this.world.cloud.queueUrl(`${queue}-queue`), MessageBody }));
    sqs.destroy();
  }

  async #put(Bucket: string, Key: string, Body: string | Uint8Array): Promise<void> {
    const { s3 } = this.world.cloud.clients();
    await s3.send(new PutObjectCommand({ Bucket, Key, Body }));
    s3.destroy();
  }

  async #remove(Key: string): Promise<void> {
    const { s3 } = this.world.cloud.clients();
    await s3.send(new DeleteObjectCommand({ Bucket: this.world.cloud.bucketName('lake'), Key }));
    s3.destroy();
  }
}

function runOf(message: string): string {
  return publishMessage.pick({ runId: true }).parse(JSON.parse(message)).runId;
}
