// Colours, the store and the config's groups.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { valueText } from '../../../src/shared/text/configText.ts';
import { pressing } from '../../../webview/pair/masthead/pressing.ts';
import { configGroups, entriesFound, findingNumbers } from '../../../webview/pair/config/configGroups.ts';
import { reduce } from '../../../webview/pair/state/reduce.ts';
import {
  initialState,
  initialView,
  type Action,
  type PanelState,
} from '../../../webview/pair/state/state.ts';
import { createStore } from '../../../webview/parts/page/store.ts';
import {
  contrast,
  divergingRamp,
  inkOn,
  lightness,
  mix,
  over,
  parseColor,
  sequentialRamp,
  type Color,
} from '../../../webview/parts/theme/color.ts';
import { makeDocument, makeReport } from '../../support/reports.ts';
import { grpoTraining } from '../../support/trainingLike.ts';

const white: Color = [1, 1, 1, 1];
const black: Color = [0, 0, 0, 1];

describe('colours', () => {
  it('are read in every form a theme gives', () => {
    assert.deepEqual(parseColor('#fff'), white);
    assert.deepEqual(parseColor(' #FF000080 '), [1, 0, 0, 128 / 255]);
    assert.deepEqual(parseColor('rgba(0, 0, 255, 0.5)'), [0, 0, 1, 0.5]);
    assert.deepEqual(parseColor('rgb(0 0 0 / 25%)'), [0, 0, 0, 0.25]);
    for (const odd of ['', 'red', '#12345', 'rgb(x)', 'url(x)']) assert.equal(parseColor(odd), null);
  });

  it('mix from end to end and lie over a ground', () => {
    const red: Color = [1, 0, 0, 1];
    for (const [share, expected] of [
      [0, red],
      [1, white],
    ] as const) {
      mix(red, white, share).forEach((channel, index) => {
        assert.ok(Math.abs(channel - expected[index]!) < 2e-3);
      });
    }
    assert.deepEqual(over([0, 0, 0, 0.5], white), [0.5, 0.5, 0.5, 1]);
    assert.ok(Math.abs(contrast(black, white) - 21) < 1e-9);
  });

  it('ramp in lightness one way only, in all four themes, and carry readable ink', () => {
    for (const { name, ground, blue, ink } of themes()) {
      const ramp = sequentialRamp(ground, blue, ink);
      const steps = Array.from({ length: 21 }, (_, index) => ramp(index / 20));
      const lights = steps.map(lightness);
      const sign = Math.sign(lights[20]! - lights[0]!);
      assert.ok(Math.abs(lights[20]! - lights[0]!) > 0.45, `${name} spans ${lights[0]}–${lights[20]}`);
      for (let at = 1; at < 21; at += 1)
        assert.ok((lights[at]! - lights[at - 1]!) * sign > 0, `${name} at ${at}`);
      for (const step of steps) assert.ok(contrast(step, inkOn(step)) >= 4.5);
    }
  });

  it('diverge from the ground alike on both sides, in all four themes, in two hues and with readable ink', () => {
    for (const { name, ground, blue, orange, ink } of themes()) {
      const ramp = divergingRamp(ground, orange, blue, ink);
      const steps = Array.from({ length: 21 }, (_, index) => ramp(index / 20));
      const away = steps.map((step) => Math.abs(lightness(step) - lightness(ground)));
      for (let at = 0; at < 10; at += 1) {
        // Less and more that are as far from the middle are as far from the ground, and further the further out.
        assert.ok(Math.abs(away[at]! - away[20 - at]!) < 0.03, `${name}: ${away[at]} and ${away[20 - at]}`);
        assert.ok(away[at]! > away[at + 1]!, `${name} below the middle at ${at}`);
        assert.ok(away[20 - at]! > away[19 - at]!, `${name} above the middle at ${20 - at}`);
      }
      assert.ok(away[10]! < 0.15 && away[0]! > 0.4, `${name} reaches from ${away[10]} to ${away[0]}`);
      const [low, high] = [steps[0]!, steps[20]!];
      // Orange is redder than blue, at the ends and half way out.
      assert.ok(low[0] - low[2] > 0.1 && high[2] - high[0] > 0.1, `${name} ${low.join()} ${high.join()}`);
      assert.ok(steps[5]![0] - steps[5]![2] > steps[15]![0] - steps[15]![2] + 0.1, name);
      for (const step of steps) assert.ok(contrast(step, inkOn(step)) >= 4.5, name);
    }
  });

  it('stay at the end of a diverging ramp for positions beyond it', () => {
    const ramp = divergingRamp(black, [1, 0.5, 0, 1], [0, 0.5, 1, 1], white);
    assert.deepEqual([ramp(-3), ramp(7)], [ramp(0), ramp(1)]);
  });
});

interface ThemeColors {
  name: string;
  ground: Color;
  ink: Color;
  blue: Color;
  orange: Color;
}

function themes(): ThemeColors[] {
  return ['dark-modern', 'light-modern', 'dark-high-contrast', 'light-high-contrast'].map((name) => {
    const file = new URL(`../../support/themes/${name}.json`, import.meta.url);
    const { variables } = JSON.parse(readFileSync(file, 'utf8')) as { variables: Record<string, string> };
    const color = (key: string, otherwise?: Color): Color => {
      const found = parseColor(variables[key] ?? '') ?? otherwise;
      const [red, green, blue] = found ?? assert.fail(`${name} ${key}`);
      return [red, green, blue, 1];
    };
    return {
      name,
      ground: color('--vscode-editor-background'),
      ink: color('--vscode-editor-foreground'),
      blue: color('--vscode-charts-blue'),
      // High-contrast themes have no orange, so the panel brings its own.
      orange: color('--vscode-charts-orange', [0.85, 0.45, 0.1, 1]),
    };
  });
}

describe('store', () => {
  it('draws once a frame however many actions came, and not when nothing changed', () => {
    const frames: (() => void)[] = [];
    let drawn = 0;
    const store = createStore<PanelState, Action>({
      initial: initialState({ ...initialView }),
      reduce,
      render: () => (drawn += 1),
      schedule: (draw) => frames.push(draw),
    });
    store.flush();
    store.dispatch({ kind: 'document', document: makeDocument(makeReport({ model: 'nano', rank: 1 })) });
    store.dispatch({ kind: 'filterText', text: 'a' });
    store.dispatch({ kind: 'filterText', text: 'ab' });
    assert.deepEqual([drawn, frames.length], [1, 1]);
    frames.shift()?.();
    assert.deepEqual([drawn, store.state().view.filterText], [2, 'ab']);
    store.flush();
    assert.equal(drawn, 2);
  });
});

describe('config', () => {
  const training = grpoTraining();

  it('groups every entry once, in reading order', () => {
    const entries = training.config?.entries ?? [];
    const groups = configGroups(entries);
    assert.deepEqual(
      groups.map(({ title }) => title),
      ['Algorithm and KL', 'Steps', 'Precision', 'Length'],
    );
    const seen = groups.flatMap((group) => group.entries);
    assert.equal(seen.length, entries.length);
    assert.deepEqual(new Set(seen), new Set(entries));
  });

  it('finds entries by every word of a text, and all of them by none', () => {
    const entries = training.config?.entries ?? [];
    const keys = (text: string): string[] => entriesFound(entries, text).map(({ key }) => key);
    assert.equal(keys(' ').length, entries.length);
    assert.deepEqual(keys('RATE learn'), ['learning_rate']);
    assert.deepEqual(keys('1e-6'), ['learning_rate'], 'as it is shown');
    assert.deepEqual(keys('learning_rate true'), []);
  });

  it('sets warnings before what is only to know, and two at most beside the verdict', () => {
    const of = (...severities: ('info' | 'warning')[]): number[] =>
      pressing(severities.map((severity) => ({ severity })));
    assert.deepEqual(of(), []);
    assert.deepEqual(of('info', 'warning'), [2, 1]);
    assert.deepEqual(of('info', 'warning', 'info', 'warning'), [2, 4]);
    assert.deepEqual(of('info', 'info', 'info'), [1, 2]);
  });

  it('numbers the findings about an entry', () => {
    const rate = training.config?.entries.find(({ concept }) => concept === 'learningRate');
    assert.ok(rate !== undefined);
    assert.deepEqual(findingNumbers(rate, training.findings), [1]);
  });

  it('writes values as people do', () => {
    const entry = training.config!.entries[0]!;
    assert.equal(valueText({ ...entry, value: 1e-6 }), '1e-6');
    assert.equal(valueText({ ...entry, value: 0.001 }), '0.001');
    assert.equal(valueText({ ...entry, value: ['q', 'v'] }), 'q, v');
    assert.equal(valueText({ ...entry, value: null }), 'none');
    assert.equal(valueText({ ...entry, value: null, origin: 'unknown' }), 'not stated');
  });
});
