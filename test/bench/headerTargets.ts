// The rows of the table for a header on its way into the page: the whole against its second, its stages against JSON.parse.
import { formatBytes } from '../../src/shared/text/format.ts';
import type { Taken } from './header.bench.ts';
import type { Results } from './results.ts';
import type { Row } from './targets.ts';

export function headerRows({ header }: Results): Row[] {
  if (header === undefined) return [];
  const { tensors, headerBytes, stages, localMs, remoteMs } = header.value;
  const { parse, open, send, page, remote } = stages;
  const what = `a header of ${tensors.toLocaleString('en')} tensors, ${formatBytes(headerBytes)}`;
  const whole = (name: string, clockMs: number, first: Taken): Row => ({
    what: name,
    against: 'its arrival',
    target: '< 1 s',
    measured: takenText({
      clockMs,
      processorMs: first.processorMs + send.processorMs + page.processorMs,
    }),
    ratio: (clockMs / 1000).toFixed(2),
    met: clockMs < 1000,
  });
  const stage = (name: string, taken: Taken): Row => ({
    what: name,
    against: `JSON.parse of the same text: ${takenText(parse)}`,
    target: 'measured',
    measured: takenText(taken),
    ratio: `${(taken.processorMs / parse.processorMs).toFixed(2)} × its processor time`,
    met: null,
  });
  return [
    whole(`Showing ${what}, from this disk`, localMs, open),
    whole('Showing the same from loopback', remoteMs, remote),
    stage('Of that opening and listing on this disk', open),
    stage('Of that asking for it, opening, listing and telling from loopback', remote),
    stage('Of that sending to the page, both ends', send),
    stage('Of that drawing up rows', page),
  ];
}

function takenText({ clockMs, processorMs }: Taken): string {
  return `${(clockMs / 1000).toFixed(2)} s (${(processorMs / 1000).toFixed(2)} s of processor time)`;
}
