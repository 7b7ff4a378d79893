import { describe, expect, it } from 'vitest';
import { prospectLakeApp } from '../../lib/app.ts';

describe('a workspace with an address for its alarms', () => {
  it('passes the checks of cdk-nag, as one without does', () => {
    const synth = (config: { alarmEmail?: string }) =>
      prospectLakeApp([{ name: 'main', ...config }], { bundled: false }).synth();
    expect(() => synth({})).not.toThrow();
    expect(() => synth({ alarmEmail: 'data@example.com' })).not.toThrow();
  });
});
