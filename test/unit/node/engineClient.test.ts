// The engine as a real forked process: reuse, cancel, crash, versions, and its end when the parent goes.
import assert from 'node:assert/strict';
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { build } from 'esbuild';
import { EngineClient } from '../../../src/node/engine/engineClient.ts';
import { defaultOptions } from '../../../src/shared/options/catalogue.ts';
import type { Report } from '../../../src/shared/report/report.ts';
import { ThreeGateError } from '../../../src/shared/errors.ts';
import type { AnalysisEvent } from '../../../src/shared/protocol/analysisEvents.ts';

const directory = mkdtempSync(join(tmpdir(), 'three-gate-engine-'));
const enginePath = join(directory, 'engine.cjs');
const never = new AbortController().signal;

before(async () => {
  await build({
    entryPoints: [join(import.meta.dirname, 'fakeEngine.ts')],
    outfile: enginePath,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    logLevel: 'error',
  });
});
after(() => {
  rmSync(directory, { recursive: true });
});

function request(basePath: string): Parameters<EngineClient['analyze']>[0] {
  return { basePath, tunedPath: '/tuned', options: defaultOptions, configPaths: null, cacheDirectory: null };
}

async function withClient<T>(use: (client: EngineClient) => Promise<T>, graceMs = 400): Promise<T> {
  const client = new EngineClient({ enginePath, graceMs });
  try {
    return await use(client);
  } finally {
    client.dispose();
  }
}

function rejectsWith(work: Promise<unknown>, code: string, message: RegExp): Promise<void> {
  return assert.rejects(work, (error) => {
    assert.ok(error instanceof ThreeGateError);
    assert.equal(error.problem.code, code);
    assert.match(error.message, message);
    return true;
  });
}

/** Aborts as soon as an event of this kind arrives, and tells how the run ended. */
async function abortAt(client: EngineClient, kind: AnalysisEvent['kind'], basePath: string): Promise<Report> {
  const controller = new AbortController();
  const hear = (event: AnalysisEvent): void => {
    if (event.kind === kind) controller.abort();
  };
  return await client.analyze(request(basePath), hear, controller.signal);
}

describe('engine process', () => {
  it('runs analyses one after the other in one process, with their events', async () => {
    await withClient(async (client) => {
      const kinds: string[] = [];
      const first = await client.analyze(request('/quiet'), ({ kind }) => void kinds.push(kind), never);
      const { pid } = client;
      const second = await client.analyze(request('/quiet'), () => undefined, never);
      assert.equal(first.status, 'complete');
      assert.deepEqual([kinds[0], kinds.at(-1)], ['started', 'finished']);
      assert.ok(kinds.includes('tensors'));
      assert.equal(client.pid, pid);
      assert.deepEqual(second.tensors, first.tensors);
    });
  });

  it('keeps two runs at once apart', async () => {
    await withClient(async (client) => {
      const heard: string[][] = [[], []];
      const reports = await Promise.all(
        ['/quiet', '/slow'].map((path, index) =>
          client.analyze(
            request(path),
            (event) => {
              if (event.kind === 'started') heard[index]?.push(event.report.pair.base.path);
            },
            never,
          ),
        ),
      );
      assert.deepEqual(heard, [['/quiet'], ['/slow']]);
      assert.deepEqual(
        reports.map(({ pair }) => pair.base.path),
        ['/quiet', '/slow'],
      );
    });
  });

  it('cancels gracefully and lives on', async () => {
    await withClient(async (client) => {
      const report = await abortAt(client, 'tensors', '/slow');
      const { pid } = client;
      assert.equal(report.status, 'cancelled');
      assert.equal(report.tensors[0]?.status, 'done');
      const next = await client.analyze(request('/quiet'), () => undefined, never);
      assert.equal(next.status, 'complete');
      assert.equal(client.pid, pid);
    }, 60_000);
  });

  it('kills an engine that does not answer, gives what its events told, and starts a new one', async () => {
    await withClient(async (client) => {
      const report = await abortAt(client, 'tensors', '/block');
      const { pid } = client;
      assert.equal(report.status, 'cancelled');
      assert.equal(report.tensors[0]?.status, 'done');
      assert.equal(report.tensors[1]?.status, 'pending');
      const next = await client.analyze(request('/quiet'), () => undefined, never);
      assert.equal(next.status, 'complete');
      assert.notEqual(client.pid, pid);
    });
  });

  it('rejects at once when it is cancelled before it starts', async () => {
    await withClient(async (client) => {
      const controller = new AbortController();
      controller.abort();
      await rejectsWith(
        client.analyze(request('/quiet'), () => undefined, controller.signal),
        'cancelled',
        /was cancelled/,
      );
      assert.equal(client.pid, undefined);
    });
  });

  it('tells a crash with its exit code or signal and the last words, and starts a new process', async () => {
    await withClient(async (client) => {
      const run = (path: string): Promise<Report> => client.analyze(request(path), () => undefined, never);
      const crash = /was killed by SIGABRT; its last words were: .*FATAL ERROR: no more heap/;
      await rejectsWith(run('/crash'), 'engine-crashed', crash);
      await rejectsWith(run('/exit'), 'engine-crashed', /ended with exit code 7$/);
      await rejectsWith(run('/kill'), 'engine-crashed', /killed by SIGKILL \(the system may have run out/);
      assert.equal((await run('/quiet')).status, 'complete');
    });
  });

  it('rejects everything that is pending when it goes down', async () => {
    await withClient(async (client) => {
      const pending = ['/kill', '/slow', '/slow'].map((path) =>
        client.analyze(request(path), () => undefined, never),
      );
      await Promise.all(pending.map((run) => rejectsWith(run, 'engine-crashed', /SIGKILL/)));
    });
  });

  it('answers an unexpected failure of a request with that failure', async () => {
    await withClient((client) => rejectsWith(client.inspect('/x'), 'internal', /^unexpected$/));
  });

  it('refuses work after it was disposed', async () => {
    const client = new EngineClient({ enginePath });
    client.dispose();
    await rejectsWith(client.inspect('/x'), 'engine-crashed', /shut down/);
  });

  it('says so when the engine cannot be started or is of another build', async () => {
    const missing = new EngineClient({ enginePath: join(directory, 'nowhere.cjs') });
    await rejectsWith(missing.inspect('/x'), 'engine-crashed', /exit code 1; its last words were:/);
    const path = join(directory, 'old.cjs');
    writeFileSync(
      path,
      `process.on('message', ({ id }) => process.send({ kind: 'reply', id, result: { protocol: 0, pid: 1, version: '0' } }));`,
    );
    const old = new EngineClient({ enginePath: path });
    await rejectsWith(old.inspect('/x'), 'engine-version', /protocol 0 and this client 2/);
  });

  it('does nothing before a hello, and refuses a hello of another protocol', async () => {
    const child = fork(enginePath, [], { serialization: 'advanced' });
    try {
      const ask = async (message: object): Promise<unknown> => {
        child.send({ kind: 'request', ...message });
        const [reply] = (await once(child, 'message')) as [unknown];
        return reply;
      };
      const first = await ask({ id: 1, method: 'inspect', params: { path: '/x' } });
      assert.match(JSON.stringify(first), /"failure","id":1.*before a hello/);
      const second = await ask({ id: 2, method: 'hello', params: { protocol: 99 } });
      assert.match(JSON.stringify(second), /engine-version.*protocol 2 and the client 99/);
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('ends when its parent is killed', async () => {
    const parent = `
      const { fork } = require('node:child_process');
      const child = fork(${JSON.stringify(enginePath)}, [], { serialization: 'advanced' });
      child.send({ kind: 'request', id: 1, method: 'hello', params: { protocol: 1 } });
      child.once('message', () => console.log(child.pid));
    `;
    const spawned = spawn(process.execPath, ['-e', parent], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [text] = (await once(spawned.stdout, 'data')) as [Buffer];
    const pid = Number(text.toString());
    assert.ok(isAlive(pid));
    spawned.kill('SIGKILL');
    for (let tries = 0; tries < 100 && isAlive(pid); tries++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.equal(isAlive(pid), false);
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
