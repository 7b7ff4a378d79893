import { parseArgs } from 'node:util';
import { startSimulator } from './simulator.ts';

/** `node local/simulator/main.ts`: the simulator by itself, until it is interrupted. */

const { values } = parseArgs({
  options: {
    leads: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
    port: { type: 'string', default: '0' },
    latency: { type: 'string', default: '0' },
    'requests-per-minute': { type: 'string', default: '0' },
  },
});

const simulator = await startSimulator({
  leads: Number(values.leads),
  seed: Number(values.seed),
  port: Number(values.port),
  latencyMilliseconds: Number(values.latency),
  requestsPerMinute: Number(values['requests-per-minute']),
});
process.stdout.write(`Base URL: ${simulator.baseUrl}\nKey:      ${simulator.apiKey}\n`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void simulator.stop());
