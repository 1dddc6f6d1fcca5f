// 200,000 mutated documents: nothing throws, and every one comes to an end.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { findFindings } from '../../../src/engine/trainingConfig/findings/findFindings.ts';
import { readJsonLines, readTrainerState } from '../../../src/engine/trainingConfig/logs/jsonLogs.ts';
import { readEvents } from '../../../src/engine/trainingConfig/logs/tensorBoard.ts';
import { mergeReadings } from '../../../src/engine/trainingConfig/mergeReadings.ts';
import { readModelCard } from '../../../src/engine/trainingConfig/modelCard.ts';
import { formatOf, parseConfig, type ConfigFormat } from '../../../src/engine/trainingConfig/openDocument.ts';
import { noFacts } from '../../../src/engine/trainingConfig/readers/reader.ts';
import { readDocument } from '../../../src/engine/trainingConfig/readers/readers.ts';
import { configFiles, folder } from './goldenRows.ts';

/** mulberry32: small, seeded, good enough to move bytes about. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const tokens = [
  '\n',
  '  ',
  '\t',
  ':',
  '- ',
  '? ',
  '|\n',
  '>-\n',
  '&a ',
  '*a',
  '<<: *a\n',
  '!!binary ',
  '!x ',
  '{',
  '}',
  '[',
  ']',
  ',',
  '"',
  "'",
  '\\',
  '#',
  '%YAML 1.2\n',
  '---\n',
  '...\n',
  '${',
  '}',
  '${a.b}',
  '${.}',
  '???',
  'null',
  '~',
  '1e999',
  '-.inf',
  'NaN',
  '0x1F',
  '__proto__: 1\n',
  'constructor:\n',
  '$(',
  '`',
  '=',
  '--',
  '--lr ',
  '=(',
  ')',
  '\u0000',
  '\uFEFF',
  '\u2028',
  '\ud800',
  '🜁',
  '\r\n',
  '|',
  '<<EOF\n',
  'learning_rate: ',
  'beta: [',
  'actor_rollout_ref: ',
  'peft_type: LORA\n',
  '"',
  'loss:\n  _component_: torchtune.x\n',
];

const seeds = configFiles()
  .map((file) => ({ format: formatOf(file), text: readFileSync(join(folder, file), 'utf8').slice(0, 280) }))
  .filter((seed): seed is { format: ConfigFormat; text: string } => seed.format !== null);
const card = readFileSync(join(folder, 'derived/axolotl/README.md'), 'utf8');
const events = readFileSync('test/fixtures/logs/events.out.tfevents.1700000000.fixture.1.0').subarray(
  0,
  2000,
);

function mutate(text: string, random: (below: number) => number): string {
  let mutated = text;
  for (let edit = random(6); edit >= 0; edit--) {
    const at = random(mutated.length + 1);
    const end = Math.min(mutated.length, at + random(24));
    switch (random(5)) {
      case 0:
        mutated = mutated.slice(0, at) + mutated.slice(end);
        break;
      case 1:
        mutated = mutated.slice(0, at) + mutated.slice(at, end).repeat(2 + random(3)) + mutated.slice(end);
        break;
      case 2:
        mutated = mutated.slice(0, at);
        break;
      default:
        mutated =
          mutated.slice(0, at) +
          (tokens[random(tokens.length)] ?? '') +
          mutated.slice(random(2) === 0 ? at : end);
    }
  }
  return mutated;
}

/** Reads the text as far as the whole tool does, findings included. */
function readWhole(text: string, format: ConfigFormat): void {
  const document = parseConfig(`fuzzed.${format}`, text, format);
  const readings = readDocument(document, noFacts).map((reading) => ({ ...reading, level: 0 }));
  const config = mergeReadings(readings, 'rl');
  const nothing = {
    logs: [],
    findings: [],
    learningRatePeak: null,
    learningRateSum: null,
    steps: null,
    problems: [],
  };
  findFindings({ config, ...nothing }, null, []);
}

const documents = 200_000;

describe('fuzzed documents', () => {
  it(`${documents} of them neither crash nor hang`, () => {
    let read = 0;
    for (let index = 0; index < documents; index++) {
      const random = randomOf(index + 1);
      const seed = seeds[random(seeds.length)];
      assert.ok(seed);
      const text = mutate(seed.text, random);
      try {
        if (index % 16 === 0) readTrainerState('fuzzed.json', text);
        else if (index % 16 === 1) readJsonLines('fuzzed.jsonl', text);
        else if (index % 16 === 2) readModelCard('README.md', mutate(card, random));
        else if (index % 16 === 3) {
          const bytes = new Uint8Array(events);
          for (let edit = 0; edit < 4; edit++) bytes[random(bytes.length)] = random(256);
          readEvents('fuzzed', bytes);
        } else readWhole(text, index % 16 === 4 ? 'shell' : index % 16 === 5 ? 'json' : seed.format);
      } catch (error) {
        assert.fail(`document ${index} threw ${String(error)}\n${text}`);
      }
      read += 1;
    }
    assert.equal(read, documents);
  });
});
