// A header of 100,000 tensors on its way into the page: opened and listed here or from a double of the Hub on loopback, sent,
// and drawn up as rows. Listings are checked before anything is timed. Each round is a process of its own, as a reader's
// first look finds nothing optimised. Against `JSON.parse` of the same text in the same process.
//   node --import tsx test/bench/header.bench.ts [--tensors 100000] [--rounds 5]
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { listCheckpoint } from '../../src/engine/opening/listCheckpoint.ts';
import { nodeFileSystem } from '../../src/node/disk/nodeFileSystem.ts';
import { EngineClient } from '../../src/node/engine/engineClient.ts';
import type { CheckpointListing, PackedListing } from '../../src/shared/protocol/engineProtocol.ts';
import { packListing, unpackListing } from '../../src/shared/protocol/packedListing.ts';
import { initialState, reduce, rowsOf } from '../../webview/header/state.ts';
import { HubDouble } from '../support/hubDouble.ts';
import { median } from './median.ts';
import { processorSecondsOf } from './machine.ts';

const stages = ['parse', 'open', 'send', 'page', 'remote'] as const;
type Stage = (typeof stages)[number];

export interface Taken {
  clockMs: number;
  /** User and system time; of `remote` that of the engine as well. */
  processorMs: number;
}

export interface HeaderBench {
  tensors: number;
  headerBytes: number;
  /** Medians over the rounds. */
  stages: Record<Stage, Taken>;
  /** Medians of the sums of what a reader waits for: opening (here or remote), sending, drawing up. */
  localMs: number;
  remoteMs: number;
}

type Round = Record<Stage, Taken>;

export async function benchHeader(tensors: number, rounds: number): Promise<HeaderBench> {
  const scratch = mkdtempSync(join(tmpdir(), 'three-gate-header-bench-'));
  const hub = await HubDouble.start();
  try {
    // Configs are looked for in three folders above a checkpoint: nothing of the machine's may be among them.
    const folder = join(scratch, 'runs', 'one', 'model');
    mkdirSync(folder, { recursive: true });
    const path = join(folder, 'model.safetensors');
    const headerBytes = writeHeader(path, tensors);
    hub.add('org/model', folder);
    const found: Round[] = [];
    for (let round = 0; round < rounds; round++) {
      const command = ['--import', 'tsx', import.meta.filename, '--once', path];
      const env = { ...process.env, HF_ENDPOINT: hub.endpoint };
      const { stdout } = await promisify(execFile)(process.execPath, command, { env });
      found.push(JSON.parse(stdout) as Round);
    }
    const medianOf = (value: (round: Round) => number): number => median(found.map(value));
    const taken = stages.map((stage): [Stage, Taken] => [
      stage,
      {
        clockMs: medianOf((round) => round[stage].clockMs),
        processorMs: medianOf((round) => round[stage].processorMs),
      },
    ]);
    return {
      tensors,
      headerBytes,
      stages: Object.fromEntries(taken) as Round,
      localMs: medianOf(({ open, send, page }) => open.clockMs + send.clockMs + page.clockMs),
      remoteMs: medianOf(({ remote, send, page }) => remote.clockMs + send.clockMs + page.clockMs),
    };
  } finally {
    await hub.close();
    rmSync(scratch, { recursive: true, force: true });
  }
}

function tensorName(index: number): string {
  const part = ['down_proj', 'gate_proj', 'up_proj'][index % 3] ?? '';
  const expert = Math.floor(index / 3);
  return `model.layers.${Math.floor(expert / 256)}.mlp.experts.${expert % 256}.${part}.weight`;
}

const tensorBytes = 16;

/** Bytes of the header's text. The data of the file is a hole. */
function writeHeader(path: string, tensors: number): number {
  const entries = Array.from({ length: tensors }, (_, index) => {
    const offset = index * tensorBytes;
    return `"${tensorName(index)}":{"dtype":"BF16","shape":[2,4],"data_offsets":[${offset},${offset + tensorBytes}]}`;
  });
  const text = Buffer.from(`{${entries.join(',')}}`);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  writeFileSync(path, Buffer.concat([length, text]));
  truncateSync(path, 8 + text.length + tensors * tensorBytes);
  return text.length;
}

function checkListing({ tensors }: CheckpointListing): void {
  for (const [index, { name, dtype, shape, elements, bytes, file }] of tensors.entries()) {
    assert.equal(name, tensorName(index));
    assert.equal(`${dtype} ${shape.join()} ${elements} ${bytes} ${file}`, 'BF16 2,4 8 16 model.safetensors');
  }
}

/** One look, in this process, which has not looked before. */
async function lookOnce(path: string): Promise<Round> {
  const bytes = readFileSync(path);
  const text = bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE())).toString();
  const parse = await timed(() => JSON.parse(text) as Record<string, unknown>);
  const open = await timed(() => listCheckpoint(nodeFileSystem, path));
  const send = await timed(() => {
    const sent = JSON.parse(JSON.stringify(packListing(open.result))) as PackedListing;
    return unpackListing(sent);
  });
  const page = await timed(() => {
    const document = { listing: send.result, problem: null };
    return rowsOf(reduce(initialState(null), { kind: 'document', document }));
  });
  const client = new EngineClient({ enginePath: resolve('dist/engine.cjs') });
  try {
    // The process is there before the clock starts, as it is before a header arrives.
    await client.inspect(resolve('test/fixtures/nano/base'));
    const before = processorSecondsOf(client.pid) ?? Number.NaN;
    const remote = await timed(() => client.inspect('hf://org/model'));
    const engineSeconds = (processorSecondsOf(client.pid) ?? Number.NaN) - before;
    const count = Object.keys(parse.result).length;
    for (const { result } of [open, send, remote]) {
      assert.equal(result.tensors.length, count);
      checkListing(result);
    }
    assert.equal(page.result[0]?.node.tensors, count);
    const remoteTaken = { ...remote.taken, processorMs: remote.taken.processorMs + 1000 * engineSeconds };
    return { parse: parse.taken, open: open.taken, send: send.taken, page: page.taken, remote: remoteTaken };
  } finally {
    client.dispose();
  }
}

async function timed<Result>(
  work: () => Result | Promise<Result>,
): Promise<{ result: Result; taken: Taken }> {
  const before = process.cpuUsage();
  const started = performance.now();
  const result = await work();
  const clockMs = performance.now() - started;
  const { user, system } = process.cpuUsage(before);
  return { result, taken: { clockMs, processorMs: (user + system) / 1000 } };
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({
    options: {
      tensors: { type: 'string', default: '100000' },
      rounds: { type: 'string', default: '5' },
      once: { type: 'string' },
    },
  });
  const { tensors, rounds, once } = values;
  if (once !== undefined) console.log(JSON.stringify(await lookOnce(once)));
  else console.log(await benchHeader(Number(tensors), Number(rounds)));
}
