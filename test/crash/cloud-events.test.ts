import { it } from 'vitest';
import { events } from '../support/cloud-workloads.ts';
import { tryCloudPoints } from './try-cloud-points.ts';

it('webhook events lose, double and misreport nothing, at whichever call a process is killed', () =>
  tryCloudPoints(events));
