// Every number that the documents state, made from what measured it: the demo pairs as the command line judges them, and the
// benchmarks. Between `<!-- fact NAME -->` and `<!-- /fact -->` a document holds what this file says.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { demoBase, demoPairs } from '../../../.ci/demoPairs.mjs';
import type { Report } from '../../../src/shared/report/report.ts';
import { beyondText } from '../../../src/shared/text/besideNull.ts';
import { formatDuration } from '../../../src/shared/text/format.ts';
import { formatMetric } from '../../../src/shared/text/metrics.ts';

const root = join(import.meta.dirname, '../../..');

/** The documents that state facts. */
export const factPages = ['README.md', 'docs/reading-a-verdict.md', 'docs/faq.md'];

/** Every fact by its name. */
export function facts(): Record<string, string> {
  return { controls: controlsTable(), 'time of 1.5B': timeOfWhole() };
}

/** A page with its facts as they are now. */
export function withFacts(text: string, known: Readonly<Record<string, string>>): string {
  return text.replaceAll(
    /(<!-- fact ([^>]+) -->)([\s\S]*?)(<!-- \/fact -->)/gu,
    (_, start: string, name: string, old: string, end: string) => {
      const fact = known[name];
      if (fact === undefined) throw new Error(`No fact is called ${name}.`);
      return old.includes('\n') ? `${start}\n\n${fact}\n\n${end}` : `${start}${fact}${end}`;
    },
  );
}

/** The four demo pairs side by side, each reading beside what a random update of its size shows. */
function controlsTable(): string {
  const rows = demoPairs.map(({ short, tuned }) => rowOf(short, analysed(tuned)));
  const names = [
    'unchanged in bf16',
    'principal lift',
    'mean rotation',
    'spectral drift',
    'energy on the leading subspaces',
  ];
  const head = ['pair', 'regime', ...names];
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function rowOf(title: string, { summary }: Report): string[] {
  const { geometry, precision } = summary.gates;
  const beside = [precision, geometry].flatMap(({ beyondSize }) => beyondSize?.readings ?? []);
  const cell = (metric: string): string => {
    const found = beside.find((each) => each.metric === metric);
    return found === undefined
      ? 'not measured'
      : `${formatMetric(metric, found.value)}: ${beyondText(found)}`;
  };
  const metrics = [
    'sparsityBf16',
    'principalLift',
    'rotationMeanDeg',
    'spectralDriftTopK',
    'principalEnergy',
  ];
  return [title, `\`${summary.regime.name}\``, ...metrics.map(cell)];
}

function analysed(tuned: string): Report {
  const flags = ['dist/cli.cjs', 'analyze', demoBase, tuned, '--no-cache', '--quiet', '--json', '-'];
  const text = execFileSync(process.execPath, flags, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 });
  return JSON.parse(text) as Report;
}

function timeOfWhole(): string {
  const results = JSON.parse(readFileSync(join(root, 'test/bench/results.json'), 'utf8')) as {
    whole: { value: { seconds: number } };
  };
  return formatDuration(1000 * results.whole.value.seconds);
}
