// The parts of `npm run bench` by name. The whole is made to fit in twenty minutes on two cores; what is reduced for that
// is said in the part's `reduced`. A `quick` run takes small shapes: it shows that the parts work and nothing else.
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { benchCluster } from './cluster.bench.ts';
import { benchGeometry } from './geometry.bench.ts';
import { benchHeader } from './header.bench.ts';
import { benchNull } from './null.bench.ts';
import type { PartName, PartValues } from './results.ts';
import { type StreamingBench, benchStreaming } from './streaming.bench.ts';
import { benchRuns } from './runs.bench.ts';
import { benchRemote } from './remote.bench.ts';
import { benchWhole } from './whole.bench.ts';

export interface Part<Value> {
  title: string;
  /** What is smaller than in earnest, in a sentence; null when nothing is. */
  reduced: string | null;
  run(quick: boolean): Promise<Value>;
}

export const parts: { [Name in PartName]: Part<PartValues[Name]> } = {
  streaming: {
    title: 'Streaming pass against plain reading',
    reduced: null,
    async run(quick) {
      const found: StreamingBench[] = [];
      const options = {
        threads: availableParallelism(),
        gibibytes: quick ? 0.0625 : 1,
        rounds: quick ? 2 : 5,
      };
      await benchStreaming(options, (result) => found.push(result));
      return found;
    },
  },
  runs: {
    title: 'Several runs of one base in one pass, against plain JavaScript',
    reduced: null,
    run: (quick) =>
      benchRuns([2, 4], {
        threads: availableParallelism(),
        mebibytes: quick ? 16 : 256,
        rounds: quick ? 2 : 5,
      }),
  },
  geometry: {
    title: 'Geometry of one square matrix against LAPACK',
    reduced: null,
    run: (quick) => benchGeometry(quick ? 640 : 4096, 'native', true),
  },
  null: {
    title: 'The size-matched null of one layer against measuring it',
    reduced: null,
    run: (quick) => benchNull(quick ? 'nano' : 'qwen2.5-1.5b'),
  },
  wasm: {
    title: 'WebAssembly engine against the native one',
    reduced: 'One matrix of 2048 × 2048.',
    async run(quick) {
      const size = quick ? 512 : 2048;
      const native = await benchGeometry(size, 'native', false);
      return { native, wasm: await benchGeometry(size, 'wasm', false) };
    },
  },
  whole: {
    title: 'Whole analysis of a 1.5B-shaped pair, and of a second tuned checkpoint of its base',
    reduced: null,
    run: (quick) =>
      benchWhole(
        quick
          ? { shape: 'nano', layers: 2, engine: 'native', second: true }
          : { shape: 'qwen2.5-1.5b', layers: 28, engine: 'native', second: true },
      ),
  },
  sizes: {
    title: 'Two smaller sizes for the scaling figure',
    reduced: 'Qwen2.5 0.5B with 6 of its 24 layers, and 1.5B with 8 of its 28; both with their embeddings.',
    run: (quick) =>
      inTurn(
        quick
          ? [
              { shape: 'nano', layers: 1 },
              { shape: 'nano', layers: 3 },
            ]
          : [
              { shape: 'qwen2.5-0.5b', layers: 6 },
              { shape: 'qwen2.5-1.5b', layers: 8 },
            ],
      ),
  },
  wide: {
    title: 'Matrices of a 7B-shaped pair',
    reduced: 'Qwen2.5 7B with 2 of its 28 layers and a vocabulary of 1024 instead of 152,064.',
    run: (quick) =>
      benchWhole(
        quick
          ? { shape: 'nano', layers: 2, engine: 'native', second: false }
          : { shape: 'qwen2.5-7b', layers: 2, vocabulary: 1024, engine: 'native', second: false },
      ),
  },
  remote: {
    title: 'Gates I and III of a pair on a double of the Hub, against the same pair on this disk',
    reduced: 'Qwen2.5 1.5B with 8 of its 28 layers.',
    run: (quick) =>
      benchRemote(
        quick ? { shape: 'nano', layers: 2, rounds: 1 } : { shape: 'qwen2.5-1.5b', layers: 8, rounds: 3 },
      ),
  },
  cluster: {
    title: 'What many cores and many machines would take, from one and two lanes',
    reduced: 'One matrix of 2048 × 2048 is measured; the rest is the cost model.',
    run: (quick) => benchCluster(quick ? 640 : 2048),
  },
  header: {
    title: 'A header of 100,000 tensors on its way into the page',
    reduced: null,
    run: (quick) => (quick ? benchHeader(2000, 1) : benchHeader(100_000, 5)),
  },
  panel: {
    title: 'The panel while an analysis streams into it',
    reduced: null,
    run: () => Promise.resolve(printed('test/bench/panel.bench.ts')),
  },
};

async function inTurn(sizes: { shape: string; layers: number }[]): Promise<PartValues['sizes']> {
  const found: PartValues['sizes'] = [];
  for (const size of sizes) found.push(await benchWhole({ ...size, engine: 'native', second: false }));
  return found;
}

/** What a bench prints that runs in a browser of its own. */
function printed(script: string): string {
  const { status, stdout } = spawnSync(process.execPath, ['--import', 'tsx', script], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error(`${script} ended with status ${String(status)}.`);
  return stdout.trim();
}
