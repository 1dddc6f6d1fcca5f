// Through a loopback proxy that counts: every connection is a tunnel, NO_PROXY goes around it, and no token is in what it sees.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { RemoteFiles } from '../../../../src/node/remote/remoteFiles.ts';
import { SegmentStore } from '../../../../src/node/remote/segmentStore.ts';
import { remoteSettings } from '../../../../src/node/remote/settings.ts';
import { ThreeGateError } from '../../../../src/shared/errors.ts';
import { readRange } from '../../../support/readRange.ts';
import { HubDouble } from '../../../support/hubDouble.ts';

const limits = { stallMs: 5000, attempts: 2, pauseMs: 0, longestWaitMs: 1000 };
const signal = new AbortController().signal;

describe('a proxy', () => {
  let hub: HubDouble;
  let proxy: Server;
  let folder: string;
  /** Method, target and headers of what the proxy was asked. */
  const asked: string[] = [];
  let status = 200;
  const tunnels = new Set<Socket>();

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'three-gate-proxy-'));
    writeFileSync(join(folder, 'model.safetensors'), Buffer.alloc(5000, 7));
    hub = await HubDouble.start();
    hub.add('org/model', folder);
    proxy = createServer((request, response) => {
      asked.push(`${request.method ?? ''} ${request.url ?? ''} ${JSON.stringify(request.headers)}`);
      response.writeHead(501).end();
    });
    proxy.on('connect', (request, client: Socket, head) => {
      asked.push(`CONNECT ${request.url ?? ''} ${JSON.stringify(request.headers)}`);
      tunnels.add(client);
      client.on('error', () => client.destroy());
      if (status !== 200) {
        client.end(`HTTP/1.1 ${status} No\r\nconnection: close\r\n\r\n`);
        return;
      }
      const [host = '', port = ''] = (request.url ?? '').split(':');
      const server = connect(Number(port), host, () => {
        client.write('HTTP/1.1 200 OK\r\n\r\n');
        server.write(head);
        server.pipe(client);
        client.pipe(server);
      });
      server.on('error', () => client.destroy());
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  });
  beforeEach(() => {
    asked.length = 0;
    status = 200;
  });
  after(async () => {
    await hub.close();
    for (const socket of tunnels) socket.destroy();
    proxy.closeAllConnections();
    await new Promise((resolve) => proxy.close(resolve));
    rmSync(folder, { recursive: true });
  });

  const open = async (more: Record<string, string>): Promise<RemoteFiles> => {
    const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const settings = await remoteSettings({
      HF_ENDPOINT: hub.endpoint,
      HF_TOKEN: 'hf_secret',
      HTTP_PROXY: address,
      HTTPS_PROXY: address,
      ...more,
    });
    const store = new SegmentStore(() => join(folder, 'unused'), 0);
    return new RemoteFiles(store, { ...settings, limits }, signal);
  };

  it('is gone through by tunnels alone, and never sees the token', async () => {
    const files = await open({});
    const found = await files.mount('hf://org/model');
    const source = await files.source(`${found}/model.safetensors`);
    assert.deepEqual(await readRange(source!, 4000, 1000, signal), new Uint8Array(1000).fill(7));
    const hosts = [hub.endpoint, hub.cdnOrigin].map((origin) => new URL(origin).host);
    assert.deepEqual([...new Set(asked.map((line) => line.split(' ')[1]))].sort(), hosts.sort());
    for (const line of asked) {
      assert.match(line, /^CONNECT /);
      assert.doesNotMatch(line, /secret|authorization/i);
    }
    assert.ok(hub.tokensSeen.length > 0);
  });

  it('is gone around where NO_PROXY says so', async () => {
    const files = await open({ NO_PROXY: '127.0.0.1' });
    await files.mount('hf://org/model');
    assert.deepEqual(asked, []);
  });

  it('ends in an error that names it where it refuses', async () => {
    status = 407;
    await assert.rejects(
      (await open({})).mount('hf://org/model'),
      (error) =>
        error instanceof ThreeGateError &&
        error.message.includes('the proxy answered 407: check HTTPS_PROXY'),
    );
  });
});

describe('a token', () => {
  it('is that of the environment, or of its file, and none where that is not wanted', async () => {
    const home = mkdtempSync(join(tmpdir(), 'three-gate-token-'));
    try {
      const token = async (variables: Record<string, string>): Promise<string | null> =>
        (await remoteSettings({ HF_HOME: home, ...variables })).token;
      assert.equal(await token({}), null);
      writeFileSync(join(home, 'token'), 'hf_file\n');
      assert.equal(await token({}), 'hf_file');
      assert.equal(await token({ HF_TOKEN: 'hf_given' }), 'hf_given');
      assert.equal(await token({ HF_HUB_DISABLE_IMPLICIT_TOKEN: '1' }), null);
    } finally {
      rmSync(home, { recursive: true });
    }
  });
});
