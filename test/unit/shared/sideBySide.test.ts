// Checkpoints side by side from made-up reports: whose configs differ in what, what is refused, and what is said of the whole.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sideBySideText } from '../../../src/cli/sideBySideText.ts';
import { styleFor } from '../../../src/cli/style.ts';
import { configDifferences } from '../../../src/shared/report/configDifferences.ts';
import { putSideBySide } from '../../../src/shared/report/putSideBySide.ts';
import type { Report } from '../../../src/shared/report/report.ts';
import type { SideBySideReport } from '../../../src/shared/report/sideBySide.ts';
import type { ConfigConcept, ConfigEntry, TrainingConfig } from '../../../src/shared/report/training.ts';
import { sideBySideCsv } from '../../../src/shared/text/sideBySideCsv.ts';
import { sideBySideLines } from '../../../src/shared/text/sideBySideLines.ts';
import { sideBySideMarkdown } from '../../../src/shared/text/sideBySideMarkdown.ts';
import { sideBySideSentences } from '../../../src/shared/text/sideBySideText.ts';
import { makeReport } from '../../support/reports.ts';

type Said = Partial<Record<ConfigConcept, Partial<ConfigEntry>>>;

function configOf(said: Said, framework = 'TRL'): TrainingConfig {
  const entries = Object.entries(said).map(([concept, entry]): ConfigEntry => {
    const known = concept as ConfigConcept;
    const usual = { key: known, value: null, origin: 'stated', defaultNote: null, gate: null } as const;
    return { ...usual, concept: known, location: null, valueLocation: null, ...entry };
  });
  return { framework, frameworkVersion: null, kind: 'rl', files: ['/run/config.yaml'], entries };
}

function differing(...configs: (TrainingConfig | null)[]): string[] {
  return (configDifferences(configs).value?.differing ?? []).map(({ concept }) => concept);
}

const made = { rlvr: makeReport({ training: 'rlvr' }), sft: makeReport({ training: 'sft' }) };

function tunedAt(report: Report, path: string, label: string, config = report.training.config): Report {
  const { pair, training } = report;
  return {
    ...report,
    pair: { ...pair, tuned: { ...pair.tuned, path, label } },
    training: { ...training, config },
  };
}

function sideBySide(...reports: Report[]): SideBySideReport {
  const sources = reports.map((report) => ({ report, file: null }));
  return putSideBySide(sources, { version: '0', elapsedMs: 0 });
}

describe('the configs of runs side by side', () => {
  it('differ where a value does, and not where one states what is the default of another', () => {
    const one = configOf({ learningRate: { value: 1e-6 }, seed: { value: 1 } });
    const other = configOf({ learningRate: { value: 1e-6, origin: 'default' }, seed: { value: 2 } });
    assert.deepEqual(differing(one, other), ['seed']);
    assert.deepEqual(configDifferences([one, other]).value?.same, ['learningRate']);
  });

  it('differ in a setting that one lacks, and in one that no version settles', () => {
    const one = configOf({ klCoefficient: { value: 0 }, warmup: { value: 0 } });
    const other = configOf({ warmup: { value: null, origin: 'unknown' } });
    assert.deepEqual(differing(one, other), ['klCoefficient', 'warmup']);
  });

  it('are compared by what a key means, with the key of each framework', () => {
    const verl = configOf({ learningRate: { key: 'actor.optim.lr', value: 2e-6 } }, 'verl');
    const trl = configOf({ learningRate: { key: 'learning_rate', value: 1e-6 } });
    const { value } = configDifferences([verl, trl]);
    assert.deepEqual(
      value?.differing.map(({ concept, settings }) => [concept, settings.map((setting) => setting?.key)]),
      [
        ['framework', ['framework', 'framework']],
        ['learningRate', ['actor.optim.lr', 'learning_rate']],
      ],
    );
  });

  it('do not differ by where a model was named from, and do by the model', () => {
    const at = (value: string): TrainingConfig => configOf({ baseModel: { value } });
    assert.deepEqual(differing(at('../base'), at('../../base/'), at('/data/base')), []);
    assert.deepEqual(differing(at('Qwen/Qwen2.5-1.5B'), at('Qwen/Qwen2.5-3B')), ['baseModel']);
  });

  it('do not differ by the order of a list', () => {
    const at = (value: string[]): TrainingConfig => configOf({ peftTargets: { value } });
    assert.deepEqual(differing(at(['q', 'v']), at(['v', 'q'])), []);
    assert.deepEqual(differing(at(['q', 'v']), at(['q', 'k'])), ['peftTargets']);
  });

  it('differ from nobody where there is none', () => {
    const [one, other] = [configOf({ seed: { value: 1 } }), configOf({ seed: { value: 1 } })];
    assert.deepEqual(differing(one, null, other), []);
    assert.equal(configDifferences([one, null]).reason, 'Only one run has a training config.');
    assert.match(configDifferences([null, null]).reason ?? '', /No training config/u);
  });
});

describe('reports side by side', () => {
  it('are told apart by as many folders as it takes', () => {
    const paths = ['/a/one/run/checkpoint-5', '/a/two/run/checkpoint-5', '/a/sft'];
    const reports = paths.map((path) =>
      tunedAt(made.rlvr, path, path.endsWith('5') ? 'run/checkpoint-5' : 'sft'),
    );
    assert.deepEqual(
      sideBySide(...reports).runs.map(({ label }) => label),
      ['one/run/checkpoint-5', 'two/run/checkpoint-5', 'sft'],
    );
    const [first = made.rlvr] = reports;
    assert.deepEqual(
      sideBySide(first, first).runs.map(({ label }) => label),
      ['run/checkpoint-5 (1)', 'run/checkpoint-5 (2)'],
    );
  });

  it('are refused where they are of different bases, and where there is one', () => {
    const { pair } = made.sft;
    const elsewhere = { ...pair.base, path: '/elsewhere/base' };
    const copied = { ...made.sft, pair: { ...pair, base: elsewhere } };
    assert.equal(sideBySide(made.rlvr, copied).runs.length, 2);
    const foreign = { ...made.sft, pair: { ...pair, base: { ...elsewhere, parameters: 1 } } };
    assert.throws(() => sideBySide(made.rlvr, foreign), /elsewhere\/base: side by side stand .* one base/u);
    assert.throws(() => sideBySide(made.rlvr), /Two tuned checkpoints or more/u);
  });

  it('say what makes them incomparable, and nothing where nothing does', () => {
    assert.deepEqual(sideBySide(made.rlvr, made.sft).notes, []);
    const { options } = made.sft;
    const odd: Report = { ...made.sft, options: { ...options, rank: options.rank + 1 }, status: 'cancelled' };
    const [rank = '', status = ''] = sideBySide(made.rlvr, odd).notes;
    assert.match(rank, /different options \(rank\)/u);
    assert.match(status, /is cancelled/u);
    // How fast something is computed changes no number.
    const quick: Report = { ...made.sft, options: { ...options, threads: 1 } };
    assert.deepEqual(sideBySide(made.rlvr, quick).notes, []);
  });

  it('have in one sentence which gates tell them apart', () => {
    const [apart = '', configs = ''] = sideBySideSentences(sideBySide(made.rlvr, made.sft));
    assert.match(apart, /^The 2 checkpoints have 2 verdicts; gates .*III tell them apart; beyond size/u);
    assert.match(
      configs,
      /^Their configs differ in \d+ settings; what is the same in all \(\d+\) is left out\.$/u,
    );
    const [alike, same] = sideBySideSentences(sideBySide(made.rlvr, made.rlvr));
    assert.equal(
      alike,
      'All 2 checkpoints have one verdict, published RLVR range; no gate tells them apart; beyond size they are alike.',
    );
    assert.match(same ?? '', /^Their configs say the same in all \d+ settings that are read\.$/u);
  });

  it('give every surface the numbers of the reports', () => {
    const report = sideBySide(made.rlvr, made.sft);
    const drift = sideBySideLines(report).find(({ id }) => id === 'relativeDrift');
    assert.deepEqual(
      drift?.cells.map(({ value }) => value),
      [made.rlvr, made.sft].map(({ summary }) => summary.anchor.value?.relativeDrift),
    );
    const [head = '', ...rows] = sideBySideCsv(report).trimEnd().split('\r\n');
    const at = head.split(',').indexOf('sparsityBf16');
    assert.deepEqual(
      rows.map((row) => Number(row.split(',')[at])),
      [made.rlvr, made.sft].map(({ summary }) => summary.precision.value?.sparsityBf16),
    );
    assert.ok(head.split(',')[at + 1] === 'sparsityBf16Expected', head);
  });

  it('keep what files say from being markup, a formula or a control character', () => {
    const hostile = '=cmd|<img src=x>\u001B[2J';
    const config = configOf({ optimizer: { key: hostile, value: hostile } });
    const report = sideBySide(
      tunedAt(made.rlvr, '/a/x', hostile, config),
      tunedAt(made.sft, '/a/y', 'y', configOf({ optimizer: { key: 'optim', value: 'sgd' } })),
    );
    assert.ok(!sideBySideMarkdown(report).includes('<img'), 'no markup in Markdown');
    assert.match(sideBySideMarkdown(report), /=cmd\\\|&lt;img/u);
    assert.ok(sideBySideCsv(report).includes("'=cmd"), 'no formula in CSV');
    const text = sideBySideText(report, styleFor({ isTTY: false }, {}), 100);
    assert.ok(!text.includes('\u001B'), 'no escape sequence in the terminal');
  });
});

describe('the table in a terminal', () => {
  it('has as many checkpoints beside each other as there is room for, and never loses one', () => {
    const labels = ['one', 'two', 'three', 'four', 'five'];
    const report = sideBySide(...labels.map((label) => tunedAt(made.rlvr, `/a/${label}`, label)));
    for (const width of [60, 80, 120, 160]) {
      const lines = sideBySideText(report, styleFor({ isTTY: false }, {}), width).split('\n');
      const heads = lines.filter((line) => line.startsWith('  In the weights'));
      assert.deepEqual(
        heads.flatMap((line) => line.split(/\s{2,}/u).slice(2)),
        labels,
      );
      const widest = Math.max(...lines.map(({ length }) => length));
      assert.ok(widest <= width, `${widest} of ${width} columns`);
    }
  });
});
