import { join } from 'node:path';
import { expect, it } from 'vitest';
import { networkEnvironment } from '../../../../local/cloud/lambda/network-environment.ts';

it('functions trust the certificates that this process trusts, from any working folder', () => {
  expect(networkEnvironment({ NODE_EXTRA_CA_CERTS: 'ca.pem', NODE_USE_SYSTEM_CA: '1', HOME: '/home' })).toEqual({
    NODE_EXTRA_CA_CERTS: join(process.cwd(), 'ca.pem'),
    NODE_USE_SYSTEM_CA: '1',
  });
});

it.each(['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'])(
  'functions reach the API through %s, and the embedded cloud without it',
  (name) => {
    expect(networkEnvironment({ [name]: 'http://proxy:3128', no_proxy: '.intern' })).toEqual({
      [name]: 'http://proxy:3128',
      NODE_USE_ENV_PROXY: '1',
      NO_PROXY: '.intern,127.0.0.1,localhost',
      no_proxy: '.intern,127.0.0.1,localhost',
    });
  },
);
