// What the engine's process is told: nothing for local work, and no token where the machine has its own.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { engineEnvironment } from '../../../src/extension/remote/engineEnvironment.ts';

describe('the environment of the engine', () => {
  const home = mkdtempSync(join(tmpdir(), 'three-gate-token-'));
  const environment = { HF_HOME: home };
  let asked = 0;
  const secrets = {
    proxy: 'http://proxy:3128',
    noProxy: ['localhost', '.corp'],
    strictSsl: true,
    token: () => {
      asked += 1;
      return Promise.resolve('hf_secret');
    },
  };
  after(() => {
    rmSync(home, { recursive: true });
  });

  it('is that of the editor for work on this machine, and the secret is not even read', async () => {
    assert.deepEqual(await engineEnvironment(['/base', '/tuned'], secrets, environment), {});
    assert.equal(asked, 0);
  });

  it('holds proxy and token where something is remote', async () => {
    assert.deepEqual(await engineEnvironment(['/base', 'hf://org/model'], secrets, environment), {
      https_proxy: 'http://proxy:3128',
      http_proxy: 'http://proxy:3128',
      no_proxy: 'localhost,.corp',
      HF_TOKEN: 'hf_secret',
    });
    const none = { proxy: '', noProxy: [], strictSsl: true, token: () => Promise.resolve(null) };
    assert.deepEqual(await engineEnvironment(['hf://org/model'], none, environment), {});
    const lax = { ...none, strictSsl: false };
    assert.deepEqual(await engineEnvironment(['hf://org/model'], lax, environment), {
      THREE_GATE_PROXY_STRICT_SSL: '0',
    });
  });

  it('holds no token of ours beside one of the machine', async () => {
    const bare = { ...secrets, proxy: '', noProxy: [] };
    const found = (more: Record<string, string>): Promise<Record<string, string>> =>
      engineEnvironment(['hf://org/model'], bare, { ...environment, ...more });
    assert.deepEqual(await found({ HF_TOKEN: 'own' }), {});
    assert.deepEqual(await found({ HUGGING_FACE_HUB_TOKEN: 'own' }), {});
    assert.deepEqual(await found({ HF_TOKEN: '' }), { HF_TOKEN: 'hf_secret' });
    writeFileSync(join(home, 'token'), 'own');
    assert.deepEqual(await found({}), {});
  });
});
