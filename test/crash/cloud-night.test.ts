import { it } from 'vitest';
import { oneNight } from '../support/cloud-workloads.ts';
import { tryCloudPoints } from './try-cloud-points.ts';

it('nothing is lost, doubled or told wrongly in a nightly run, whichever call a process is killed at', () =>
  tryCloudPoints(oneNight));
