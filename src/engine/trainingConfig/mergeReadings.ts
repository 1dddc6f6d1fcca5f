// Several files of one run as one TrainingConfig: the nearest, most telling file leads; launcher, adapter and further
// files of the same framework fill in what it does not state.
import type { ConfigConcept, ConfigEntry, TrainingConfig } from '../../shared/report/training.ts';
import type { RunKind } from './readers/reader.ts';
import type { RecognisedReading } from './readers/readers.ts';

export interface PlacedReading extends RecognisedReading {
  level: number;
}

/** `likelyKind` is what the logs look like; it decides between two configs that lie side by side. */
export function mergeReadings(
  readings: readonly PlacedReading[],
  likelyKind: RunKind,
): TrainingConfig | null {
  const lead = leadOf(readings, likelyKind);
  if (lead === null) return null;
  const used = [lead, ...readings.filter((reading) => reading !== lead && belongs(reading, lead))];
  const entries = new Map<ConfigConcept, ConfigEntry>();
  for (const entry of used.flatMap((reading) => reading.entries)) {
    const known = entries.get(entry.concept);
    if (known === undefined || outranks(entry, known)) entries.set(entry.concept, entry);
    else if (known.valueLocation === null && sameValue(known, entry) && entry.valueLocation !== null) {
      // The same value in a file that can be edited: point there.
      entries.set(entry.concept, { ...entry, origin: known.origin });
    }
  }
  return {
    framework: lead.framework,
    frameworkVersion: lead.frameworkVersion,
    kind: lead.kind,
    files: used.map((reading) => reading.file),
    entries: [...entries.values()],
    ...(lead.launches.length === 0 ? {} : { launches: lead.launches }),
  };
}

const companions = new Set(['PEFT', 'accelerate', 'DeepSpeed']);

function leadOf(readings: readonly PlacedReading[], likelyKind: RunKind): PlacedReading | null {
  const leads = readings.filter((reading) => !companions.has(reading.framework));
  const nearest = leads.filter((reading) => reading.level === leads[0]?.level);
  const score = (reading: PlacedReading): number =>
    reading.evidence + (reading.kind === likelyKind && likelyKind !== 'unknown' ? 0.5 : 0);
  let best: PlacedReading | null = null;
  for (const reading of nearest) if (best === null || score(reading) > score(best)) best = reading;
  return best ?? readings[0] ?? null;
}

function belongs(reading: PlacedReading, lead: PlacedReading): boolean {
  if (companions.has(reading.framework)) return true;
  const sameKind = reading.kind === lead.kind || reading.kind === 'unknown';
  return reading.framework === lead.framework && sameKind;
}

/** Stated beats default beats unknown; among equals the earlier file wins. */
function outranks(entry: ConfigEntry, known: ConfigEntry): boolean {
  return weight[entry.origin] > weight[known.origin];
}

const weight = { stated: 2, default: 1, unknown: 0 } as const;

function sameValue(left: ConfigEntry, right: ConfigEntry): boolean {
  return right.origin === 'stated' && JSON.stringify(left.value) === JSON.stringify(right.value);
}
