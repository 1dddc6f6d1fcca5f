// All readers, and the choice of the one with the most evidence for a document.
import type { ConfigEntry, ScriptLaunch } from '../../../shared/report/training.ts';
import type { ConfigDocument } from '../document/configDocument.ts';
import { axolotlReader } from './axolotl.ts';
import { betaEntries } from './betas.ts';
import { deepSpeedReader } from './deepSpeed.ts';
import { genericReader } from './generic.ts';
import { accelerateReader } from './launcher.ts';
import { llamaFactoryReader } from './llamaFactory.ts';
import { nemoRlReader } from './nemoRl.ts';
import { openRlhfReader } from './openRlhf.ts';
import { peftReader } from './peft.ts';
import { primeRlReader } from './primeRl.ts';
import { noFacts, type FrameworkReader, type ConfigReading, type RunFacts } from './reader.ts';
import { slimeReader } from './slime.ts';
import { torchtuneReader } from './torchtune.ts';
import { transformersReader } from './transformers.ts';
import { trlReader } from './trl.ts';
import { verlReader } from './verl.ts';

const readers: readonly FrameworkReader[] = [
  peftReader,
  accelerateReader,
  deepSpeedReader,
  verlReader,
  torchtuneReader,
  nemoRlReader,
  openRlhfReader,
  slimeReader,
  primeRlReader,
  llamaFactoryReader,
  axolotlReader,
  trlReader,
  transformersReader,
  genericReader,
];

export interface RecognisedReading extends ConfigReading {
  file: string;
  /** Of a script that starts several trainings. */
  launches: ScriptLaunch[];
  evidence: number;
}

/**
 * What the readers make of a document: one reading, or several where a results file nests the arguments of trainer and
 * adapter in blocks of its own. Empty when no reader knows anything about it. Ties go to the earlier reader.
 */
export function readDocument(document: ConfigDocument, facts: RunFacts): RecognisedReading[] {
  const whole = readWith(document, facts);
  if (whole !== null && whole.evidence >= 2) return [whole];
  const nested = nestedBlocks(document).flatMap((prefix) => {
    const reading = readWith(document.block(prefix), facts);
    return reading === null || reading.evidence < 2
      ? []
      : [{ ...reading, entries: prefixed(reading, prefix) }];
  });
  return nested.length > 0 ? nested : whole === null ? [] : [whole];
}

/** How sure the surest reader is that a document is a training config. */
export function evidenceOf(document: ConfigDocument): number {
  return readers.reduce((most, reader) => Math.max(most, reader.evidence(document, noFacts)), 0);
}

function readWith(document: ConfigDocument, facts: RunFacts): RecognisedReading | null {
  let best: FrameworkReader | null = null;
  let evidence = 0;
  for (const reader of readers) {
    const sure = reader.evidence(document, facts);
    if (sure > evidence) [best, evidence] = [reader, sure];
  }
  if (best === null) return null;
  const { file } = document;
  const reading = best.read(document, facts);
  const entries = [...reading.entries, ...betaEntries(document)];
  const launches = document.launches.map(({ title, at, read }) => ({
    title,
    location: { file, ...at },
    read,
  }));
  return { ...reading, entries, file, launches, evidence };
}

/** Blocks that hold a trainer's or an adapter's arguments, e.g. `run_info.train_config`. */
function nestedBlocks(document: ConfigDocument): string[] {
  const blocks = new Set<string>();
  for (const path of document.values.keys()) {
    const match = /^(.+)\.(?:learning_rate|peft_type)$/.exec(path);
    if (match !== null && !/\.\d+$/.test(match[1] ?? '')) blocks.add(match[1] ?? '');
  }
  return [...blocks].slice(0, 4);
}

function prefixed(reading: ConfigReading, prefix: string): ConfigEntry[] {
  return reading.entries.map((entry) =>
    entry.location === null ? entry : { ...entry, key: `${prefix}.${entry.key}` },
  );
}
