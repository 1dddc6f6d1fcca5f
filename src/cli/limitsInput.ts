// The option `--limits`: its file is read and understood before any weights are, and a limit that would look at nothing ends an
// analysis as soon as the headers are known.
import { Option } from 'commander';
import { requireMatches } from '../engine/limits/judge.ts';
import { placeText, type Limit } from '../engine/limits/limitsFile.ts';
import { asProblem, ThreeGateError } from '../shared/errors.ts';
import type { AnalysisOptions } from '../shared/options/options.ts';
import type { AnalysisEvent } from '../shared/protocol/analysisEvents.ts';

export const limitsOption = new Option(
  '--limits <file>',
  'limits on the numbers of the report, as YAML (docs/limits.md): exit status 4 where one is broken',
);

/** Throws `config-value` for a limit on a gate that the options leave out. */
export function requireLimits(limits: readonly Limit[] | null, { gates }: AnalysisOptions): void {
  for (const limit of limits ?? []) {
    const { gate, name } = limit.entry;
    if (gate === null || gates.includes(gate)) continue;
    const message = `${placeText(limit)}: ${name} needs the gate "${gate}", which --gates ${gates.join(',')} leaves out.`;
    throw new ThreeGateError('config-value', message, { file: limit.file });
  }
}

type OnEvent = (event: AnalysisEvent) => void;

/** Work that ends at its first event where a limit matches nothing of the pair; rejects then as `requireMatches` throws. */
export async function withLimits<Result>(
  limits: readonly Limit[] | null,
  interrupted: AbortSignal,
  onEvent: OnEvent,
  work: (onEvent: OnEvent, signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const useless = new AbortController();
  const faults: ThreeGateError[] = [];
  const watched: OnEvent = (event) => {
    onEvent(event);
    if (event.kind !== 'started' || limits === null) return;
    try {
      requireMatches(limits, event.report);
    } catch (error) {
      faults.push(ThreeGateError.from(asProblem(error)));
      useless.abort();
    }
  };
  const result = await work(watched, AbortSignal.any([interrupted, useless.signal]));
  const [fault] = faults;
  if (fault !== undefined) throw fault;
  return result;
}
