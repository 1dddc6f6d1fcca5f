// The table of `npm run bench`: every target with what was measured for it. Rows whose part was not run are not there.
import { formatBytes } from '../../src/shared/text/format.ts';
import type { GeometryBench } from './geometry.bench.ts';
import { headerRows } from './headerTargets.ts';
import type { Results } from './results.ts';

export interface Row {
  what: string;
  against: string;
  target: string;
  measured: string;
  /** The measured number in the target's unit. */
  ratio: string;
  /** Null where there is no target. */
  met: boolean | null;
}

/** How much more memory a 7B-shaped pair may take and still be called flat. */
const flat = 1.25;

export function rowsOf(results: Results): Row[] {
  return [
    ...streamingRows(results),
    ...runsRows(results),
    ...geometryRows(results),
    ...nullRows(results),
    ...wholeRows(results),
    ...memoryRows(results),
    ...wasmRows(results),
    ...remoteRows(results),
    ...clusterRows(results),
    ...headerRows(results),
  ];
}

function streamingRows({ streaming }: Results): Row[] {
  const names = { rlvr: 'RLVR pair', sft: 'SFT pair', none: 'identical sides', f32: 'RLVR pair in float32' };
  const hasTarget = (update: string): boolean => update === 'rlvr' || update === 'sft';
  return (streaming?.value ?? []).map(({ update, readGBps, streamGBps, ratio, processorRatio, threads }) => ({
    what: `Streaming pass, ${names[update]}`,
    against: `reading the same bytes, ${threads} threads: ${readGBps.toFixed(2)} GB/s`,
    target: hasTarget(update) ? '≥ 0.6 of that rate' : '–',
    measured: `${streamGBps.toFixed(2)} GB/s (by processor time ${processorRatio.toFixed(2)})`,
    ratio: ratio.toFixed(2),
    met: hasTarget(update) ? ratio >= 0.6 : null,
  }));
}

function runsRows({ runs }: Results): Row[] {
  const rate = (perSecond: number): string => `${(perSecond / 1e6).toFixed(0)} M elements/s`;
  return (runs?.value ?? []).flatMap(
    ({ runs: count, threads, plainRate, rate: found, timesFaster, reads }) => [
      {
        what: `${count} runs of one base, ${threads} threads`,
        against: `plain JavaScript, counts alone: ${rate(plainRate)}`,
        target: '≥ 4 times faster',
        measured: rate(found),
        ratio: `${timesFaster.toFixed(1)} ×`,
        met: timesFaster >= 4,
      },
      {
        what: `Bytes read for ${count} runs`,
        against: 'those of the base and of every run',
        target: 'once',
        measured: `${reads.toFixed(2)} times`,
        ratio: reads.toFixed(2),
        met: reads === 1,
      },
    ],
  );
}

function geometryRows({ geometry }: Results): Row[] {
  if (geometry === undefined) return [];
  const { size, seconds, lapackSeconds, timesFaster, gemmShare, gemmRateShare, gemmGflops, engine } =
    geometry.value;
  const pair = `one ${size} × ${size} pair, rank 128, residual 1e-6`;
  const lapack: Row = {
    what: `Geometry of ${pair}`,
    against:
      lapackSeconds === null
        ? 'LAPACK: python3 has no numpy here'
        : `two float32 SVDs by LAPACK: ${lapackSeconds.toFixed(1)} s`,
    target: '≥ 20 times faster',
    measured: `${seconds.toFixed(2)} s`,
    ratio: timesFaster === null ? '–' : `${timesFaster.toFixed(1)} ×`,
    met: timesFaster === null ? null : timesFaster >= 20,
  };
  const share: Row = {
    what: 'Share of that inside matrix products',
    against: 'all of its time',
    target: '≥ 0.7',
    measured: gemmShare.toFixed(2),
    ratio: gemmShare.toFixed(2),
    met: gemmShare >= 0.7,
  };
  const rate: Row = {
    what: 'Rate of those products',
    against: `${engine} on the same shapes alone`,
    target: '≥ 0.85 of its rate',
    measured: `${gemmGflops.toFixed(0)} GFLOP/s`,
    ratio: gemmRateShare.toFixed(2),
    met: gemmRateShare >= 0.85,
  };
  return [lapack, share, rate, ...sideBySideRows(geometry.value)];
}

function nullRows({ null: found }: Results): Row[] {
  if (found === undefined) return [];
  const { shape, matrices, measureSeconds, drawSeconds } = found.value;
  const share = drawSeconds / (measureSeconds - drawSeconds);
  return [
    {
      what: `The null of rotation and drift, ${matrices} matrices of one layer of ${shape}`,
      against: `measuring them without it: ${(measureSeconds - drawSeconds).toFixed(2)} s, one thread`,
      target: '≤ 0.05 of that',
      measured: `${drawSeconds.toFixed(2)} s`,
      ratio: share.toFixed(3),
      met: share <= 0.05,
    },
  ];
}

function clusterRows({ cluster }: Results): Row[] {
  if (cluster === undefined) return [];
  const worst = Math.max(...cluster.value.rows.map(({ imbalance }) => imbalance));
  return [
    {
      what: 'Longest shard above the best packing, 7B to 671B on 1 to 64 machines',
      against: 'the mean, or the largest single matrix',
      target: '< 0.05',
      measured: `${(100 * worst).toFixed(2)} %`,
      ratio: worst.toFixed(3),
      met: worst < 0.05,
    },
  ];
}

/** What a pair costs among many, where both the analysis and LAPACK take as many at once as there are threads. */
function sideBySideRows({ size, sideBySide }: GeometryBench): Row[] {
  if (sideBySide === null) return [];
  const { pairs, secondsPerPair, gemmShare, lapackSecondsPerPair: lapack } = sideBySide;
  return [
    {
      what: `${pairs} such pairs at once, as an analysis decomposes them; per pair of ${size} × ${size}`,
      against:
        lapack === null
          ? 'LAPACK: python3 has no numpy here'
          : `as many processes of LAPACK, a thread each: ${lapack.toFixed(1)} s per pair`,
      target: 'measured',
      measured: `${secondsPerPair.toFixed(2)} s, ${gemmShare.toFixed(2)} of it inside matrix products`,
      ratio: lapack === null ? '–' : `${(lapack / secondsPerPair).toFixed(1)} ×`,
      met: null,
    },
  ];
}

function wholeRows({ whole }: Results): Row[] {
  if (whole === undefined) return [];
  const { shape, layers, seconds, peakBytes, firstLayerSeconds, secondSeconds, bytesRead } = whole.value;
  const pair = `${shape}, ${layers} layers, ${formatBytes(bytesRead)} read`;
  const rows: Row[] = [
    {
      what: 'Whole analysis',
      against: pair,
      target: '< 5 minutes',
      measured: `${seconds.toFixed(1)} s`,
      ratio: (seconds / 300).toFixed(2),
      met: seconds < 300,
    },
    {
      what: 'Its first partial report',
      against: 'streaming pass of the first layer',
      target: '< 1 s',
      measured: `${firstLayerSeconds.toFixed(2)} s`,
      ratio: firstLayerSeconds.toFixed(2),
      met: firstLayerSeconds < 1,
    },
  ];
  if (peakBytes !== null) {
    rows.push({
      what: 'Its peak memory, all processes',
      against: pair,
      target: '< 2.5 GB',
      measured: formatBytes(peakBytes),
      ratio: (peakBytes / 2.5e9).toFixed(2),
      met: peakBytes < 2.5e9,
    });
  }
  if (secondSeconds !== null) {
    rows.push({
      what: 'A second tuned checkpoint of the same base',
      against: `the first: ${seconds.toFixed(1)} s`,
      target: '≤ 0.6 of its time',
      measured: `${secondSeconds.toFixed(1)} s`,
      ratio: (secondSeconds / seconds).toFixed(2),
      met: secondSeconds <= 0.6 * seconds,
    });
  }
  return rows;
}

function memoryRows({ whole, wide }: Results): Row[] {
  const [small, large] = [whole?.value, wide?.value].map((found) =>
    found === undefined || found.peakBytes === null
      ? null
      : found.peakBytes - found.largestBytes[0] - found.largestBytes[1],
  );
  if (small === undefined || large === undefined || small === null || large === null) return [];
  return [
    {
      what: 'Peak memory of a 7B-shaped pair, both sides of its two largest matrices apart',
      against: `1.5B-shaped: ${formatBytes(small)}`,
      target: `flat: ≤ ${flat} times`,
      measured: formatBytes(large),
      ratio: (large / small).toFixed(2),
      met: large <= flat * small,
    },
  ];
}

function remoteRows({ remote }: Results): Row[] {
  if (remote === undefined) return [];
  const { shape, layers, bytesNeeded, bytesSent, localSeconds, remoteSeconds, ratio } = remote.value;
  const { localPeakBytes, remotePeakBytes, processorRatio, diskSeconds, diskRatio } = remote.value;
  const byProcessor =
    processorRatio === null ? '' : ` (by the engine’s processor time ${processorRatio.toFixed(2)})`;
  const rate = (seconds: number): string => `${(bytesNeeded / seconds / 1e9).toFixed(2)} GB/s`;
  const { reading } = remote.value;
  const sending = reading.sendingNs === null ? '' : `, and the double ${reading.sendingNs.toFixed(2)}`;
  const rows: Row[] = [
    {
      what: `Reading a remote pair, ${shape}, ${layers} layers, ${formatBytes(bytesNeeded)}`,
      against: `reading the same files, which the system holds in memory: ${rate(reading.localSeconds)}`,
      target: '≥ 0.7 of that rate',
      measured: `${rate(reading.remoteSeconds)} (${reading.remoteNs.toFixed(2)} ns a byte, local ${reading.localNs.toFixed(2)}${sending})`,
      ratio: reading.ratio.toFixed(2),
      met: reading.ratio >= 0.7,
    },
    {
      what: 'The same by plain sockets that throw everything away',
      against: 'the same',
      target: 'measured',
      measured: `${rate(reading.bareSeconds)} (${reading.bareNs.toFixed(2)} ns a byte)`,
      ratio: reading.bareRatio.toFixed(2),
      met: null,
    },
    {
      what: 'Reading that remote pair',
      against: `reading the same files from this disk: ${rate(reading.diskSeconds)}`,
      target: 'measured',
      measured: rate(reading.remoteSeconds),
      ratio: reading.diskRatio.toFixed(2),
      met: null,
    },
    {
      what: `Gates I and III of a remote pair, ${shape}, ${layers} layers, ${formatBytes(bytesNeeded)}`,
      against: `those of the same files, which the system holds in memory: ${rate(localSeconds)}`,
      target: '≥ 0.7 of that rate',
      measured: `${rate(remoteSeconds)}${byProcessor}`,
      ratio: ratio.toFixed(2),
      met: ratio >= 0.7,
    },
    {
      what: 'Gates I and III of that remote pair',
      against: `those of the same files from this disk: ${rate(diskSeconds)}`,
      target: 'measured',
      measured: rate(remoteSeconds),
      ratio: diskRatio.toFixed(2),
      met: null,
    },
    {
      what: 'Bytes that were sent for it',
      against: `those of its tensors: ${formatBytes(bytesNeeded)}`,
      target: '≤ 1.02 of them',
      measured: formatBytes(bytesSent),
      ratio: (bytesSent / bytesNeeded).toFixed(4),
      met: bytesSent <= 1.02 * bytesNeeded,
    },
  ];
  if (localPeakBytes !== null && remotePeakBytes !== null) {
    rows.push({
      what: "The engine's peak memory for it",
      against: `for the local pair: ${formatBytes(localPeakBytes)}`,
      target: '≤ 1.1 of it',
      measured: formatBytes(remotePeakBytes),
      ratio: (remotePeakBytes / localPeakBytes).toFixed(2),
      met: remotePeakBytes <= 1.1 * localPeakBytes,
    });
  }
  return rows;
}

function wasmRows({ wasm }: Results): Row[] {
  if (wasm === undefined) return [];
  const { native, wasm: fallback } = wasm.value;
  return [
    {
      what: `WebAssembly engine, ${fallback.size} × ${fallback.size}`,
      against: `native: ${native.seconds.toFixed(2)} s, ${native.gemmGflops.toFixed(0)} GFLOP/s`,
      target: 'measured',
      measured: `${fallback.seconds.toFixed(2)} s, ${fallback.gemmGflops.toFixed(0)} GFLOP/s`,
      ratio: `${(fallback.seconds / native.seconds).toFixed(1)} × its time`,
      met: null,
    },
  ];
}
