import { it } from 'vitest';
import { exported } from '../support/cloud-workloads.ts';
import { tryCloudPoints } from './try-cloud-points.ts';

it('nothing is lost, doubled or told wrongly by an export, whichever call a process is killed at', () =>
  tryCloudPoints(exported));
