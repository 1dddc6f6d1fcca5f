// `npm run bench [-- PART… [--quick]]`: runs the parts, each in a process of its own, prints the table of targets and writes
// test/bench/results.json, test/bench/scaling.svg and BENCHMARKS.md. Parts that are not run keep what they last gave.
// With --quick, small shapes only: everything is then written under .bench/ instead.
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parts } from './parts.ts';
import { benchmarksMarkdown, terminalTable } from './report.ts';
import {
  type PartName,
  type PartResult,
  type Results,
  readResults,
  thisMachine,
  writeFormatted,
  writeResults,
  writeText,
} from './results.ts';
import { scalingFigure } from './scalingFigure.ts';

const scratch = '.bench';
const names = Object.keys(parts) as PartName[];

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { quick: { type: 'boolean', default: false }, inner: { type: 'string' } },
  });
  const unknown = positionals.find((name) => !names.some((known) => known === name));
  if (unknown !== undefined) {
    process.stderr.write(`There is no part ${unknown}; the parts are ${names.join(', ')}.\n`);
    return 2;
  }
  const wanted = names.filter((name) => positionals.length === 0 || positionals.includes(name));
  if (values.inner !== undefined) {
    for (const name of wanted) await runHere(name, values.quick, values.inner);
    return 0;
  }
  return runAll(wanted, values.quick);
}

async function runAll(wanted: readonly PartName[], quick: boolean): Promise<number> {
  const path = quick ? join(scratch, 'results.json') : 'test/bench/results.json';
  let results = readResults(path);
  let failed = 0;
  for (const name of wanted) {
    if (name === 'panel' && !existsSync('test/bench/panel.bench.ts')) continue;
    console.log(`━━ ${name}: ${parts[name].title}`);
    const found = runApart(name, quick);
    if (found === null) failed++;
    else results = { ...results, ...found };
    // Kept part by part: a bench that is cut off loses only the part it was in.
    await writeResults(path, results);
  }
  await writeReport(results, quick);
  console.log(`\n${terminalTable(results)}`);
  return failed === 0 ? 0 : 1;
}

/** A part in its own process: what one leaves in memory is not measured by the next. */
function runApart(name: PartName, quick: boolean): Results | null {
  const answer = join(scratch, `${name}.json`);
  const args = [
    '--import',
    'tsx',
    import.meta.filename,
    name,
    '--inner',
    answer,
    ...(quick ? ['--quick'] : []),
  ];
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
  if (status !== 0) {
    process.stderr.write(`${name} failed; the table shows what it gave before, if anything.\n`);
    return null;
  }
  const found = readResults(answer);
  rmSync(answer);
  return found;
}

async function runHere(name: PartName, quick: boolean, answer: string): Promise<void> {
  const started = performance.now();
  const value = await parts[name].run(quick);
  const result: PartResult<unknown> = {
    date: new Date().toISOString(),
    machine: thisMachine(),
    seconds: (performance.now() - started) / 1000,
    value,
  };
  writeText(answer, JSON.stringify({ [name]: result }));
}

async function writeReport(results: Results, quick: boolean): Promise<void> {
  const figure = quick ? join(scratch, 'scaling.svg') : 'test/bench/scaling.svg';
  const { whole, sizes } = results;
  const hasFigure = whole !== undefined && sizes !== undefined;
  if (hasFigure) writeText(figure, scalingFigure([...sizes.value, whole.value]));
  const target = quick ? join(scratch, 'BENCHMARKS.md') : 'BENCHMARKS.md';
  const text = benchmarksMarkdown(results, hasFigure ? (quick ? 'scaling.svg' : figure) : null);
  await writeFormatted(target, text, 'markdown');
}

process.exitCode = await main();
