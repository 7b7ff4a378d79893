import { it } from 'vitest';
import { events } from '../support/cloud-workloads.ts';
import { tryCloudPoints } from './try-cloud-points.ts';

it('nothing is lost, doubled or told wrongly where events come, whichever call a process is killed at', () =>
  tryCloudPoints(events));
