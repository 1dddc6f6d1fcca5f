// The documents' prose on metrics, limits and words against the catalogues: fields that exist, limits that are the defaults.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { defaultOptions } from '../../../src/shared/options/catalogue.ts';
import { gateCatalogue } from '../../../src/shared/text/gates.ts';
import { metricCatalogue } from '../../../src/shared/text/metrics.ts';
import { regimeCatalogue } from '../../../src/shared/text/regimeText.ts';

const root = join(import.meta.dirname, '../../..');
/** One line, so that a phrase may be broken anywhere. */
const verdict = readFileSync(join(root, 'docs/reading-a-verdict.md'), 'utf8');
const prose = verdict.replaceAll(/\s+/gu, ' ');
const meaning = verdict + readFileSync(join(root, 'docs/masks-and-adapters.md'), 'utf8');

function holds(phrase: string): void {
  assert.ok(prose.includes(phrase), phrase);
}

describe('the documents on a verdict', () => {
  it('explains fields that a report has', () => {
    const schema = readFileSync(join(root, 'dist/report.schema.json'), 'utf8');
    const fields = new Set([...schema.matchAll(/"(\w+)": \{/gu)].map(([, name]) => name ?? ''));
    const tables = [...meaning.matchAll(/\| field[^\n]*\n\|[^\n]*\n((?:\|[^\n]*\n)+)/gu)];
    assert.equal(tables.length, 4);
    const cells = tables.flatMap(([, rows = '']) => rows.split('\n').map((row) => row.split('|')[1] ?? ''));
    const named = cells.flatMap((cell) => [...cell.matchAll(/`(\w+)…?`/gu)].map(([, name]) => name ?? ''));
    assert.ok(named.length > 30);
    for (const name of named)
      assert.ok(
        [...fields].some((field) => field.startsWith(name)),
        name,
      );
  });

  it('explains every metric of a report that has a name for people', () => {
    // Of the histogram; the panel alone makes a share of it.
    const derived = new Set(['oneStepShare']);
    for (const name of Object.keys(metricCatalogue)) {
      if (!derived.has(name)) assert.match(meaning, new RegExp(`\`(?:${name}|rotation[^\`]*)\``, 'u'), name);
    }
  });

  it('has the limits of the verdicts, and their words', () => {
    const { anchor, geometry, precision } = gateCatalogue;
    const { thresholds } = defaultOptions;
    const { relativeDrift: drift, sparsityBf16: sparsity, principalLift, lowMagnitudeLift } = thresholds;
    const { spectralDriftTopK: spectrum, rotationMeanDeg: rotation } = thresholds;
    const written = (limit: number): string =>
      limit < 0.01 ? limit.toExponential().replace('e-0', 'e-') : String(limit);
    const percent = (share: number): string => metricCatalogue.sparsityBf16.formatLimit(share);
    const off = `off, ≥`;
    holds(
      `\`${anchor.words.holds}\` up to ${drift.holds} of relative drift, \`${anchor.words.broken}\` from ${drift.broken}, else \`${anchor.words.middle}\`; a logged KL above ${thresholds.klNatsPerToken} nats`,
    );
    holds(`Spectral drift (≤ ${written(spectrum.holds)} ${off} ${written(spectrum.broken)} on)`);
    holds(`mean rotation (≤ ${rotation.holds}° ${off} ${rotation.broken}° on)`);
    holds(`principal lift (≤ ${principalLift.holds} ${off} ${principalLift.broken} on)`);
    holds(`low-magnitude lift (≥ ${lowMagnitudeLift.holds} off, ≤ ${lowMagnitudeLift.broken} on)`);
    holds(`\`${geometry.words.holds}\` or \`${geometry.words.broken}\` when one side leads by two, else`);
    holds(`\`${geometry.words.middle}\``);
    holds(`\`${precision.words.holds}\` from ${percent(sparsity.holds)} unchanged`);
    holds(`\`${precision.words.broken}\` up to ${percent(sparsity.broken)}`);
    holds(`else \`${precision.words.middle}\``);
    holds(`With less than ${percent(thresholds.coverage)} of the parameters compared`);
    holds(`η = ${written(defaultOptions.eta)}`);
  });

  it('has what counts as random', () => {
    const { thresholds } = defaultOptions;
    const row = (title: string): string =>
      verdict.split('\n').find((line) => line.startsWith(`| ${title} `)) ?? '';
    const limits: [string, 'beyondRotation' | 'beyondSpectralDrift' | 'beyondLift' | 'beyondSparsity'][] = [
      ['mean rotation', 'beyondRotation'],
      ['spectral drift', 'beyondSpectralDrift'],
      ['principal lift', 'beyondLift'],
      ['low-magnitude lift', 'beyondLift'],
      ['unchanged in bf16', 'beyondSparsity'],
    ];
    const table = /\| reading [\s\S]*?\n\n/u.exec(verdict)?.[0] ?? '';
    for (const [title, option] of limits) {
      const line = table.split('\n').find((each) => each.startsWith(`| ${title} `)) ?? '';
      assert.ok(line.includes(String(thresholds[option])) && line.includes(`\`${option}\``), title);
    }
    const energy = row('energy in the leading subspaces');
    const { beyondEnergyLess, beyondEnergyMore } = thresholds;
    assert.ok(energy.includes(`more than ${beyondEnergyLess} and less than ${beyondEnergyMore} times`));
  });

  it('has every regime, and the headlines that it quotes', () => {
    for (const name of Object.keys(regimeCatalogue)) holds(`\`${name}\``);
    holds(`\`rlvr-range\` ("${regimeCatalogue['rlvr-range'].headline}")`);
    holds(`\`sft-range\` ("${regimeCatalogue['sft-range'].headline}")`);
  });
});
