// All readers, and the choice of the one with the most evidence for a document.
import type { ConfigDocument } from '../document/configDocument.ts';
import { genericReader } from './generic.ts';
import { accelerateReader } from './launcher.ts';
import { peftReader } from './peft.ts';
import type { FrameworkReader, Reading, RunFacts } from './reader.ts';
import { transformersReader } from './transformers.ts';
import { trlReader } from './trl.ts';
import { verlReader } from './verl.ts';

export const readers: readonly FrameworkReader[] = [
  peftReader,
  accelerateReader,
  verlReader,
  trlReader,
  transformersReader,
  genericReader,
];

export interface RecognisedReading extends Reading {
  file: string;
  evidence: number;
}

/** Null when no reader knows anything about the document. Ties go to the earlier reader. */
export function readDocument(document: ConfigDocument, facts: RunFacts): RecognisedReading | null {
  let best: FrameworkReader | null = null;
  let evidence = 0;
  for (const reader of readers) {
    const sure = reader.evidence(document, facts);
    if (sure > evidence) [best, evidence] = [reader, sure];
  }
  return best === null ? null : { ...best.read(document, facts), file: document.file, evidence };
}
