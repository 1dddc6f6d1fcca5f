// What a tool is called with, checked against its JSON Schema before anything is done.
import { Ajv, type ValidateFunction } from 'ajv';
import { ThreeGateError } from '../shared/errors.ts';
import type { AnalysisOptions } from '../shared/options/options.ts';
import type { ToolName } from './answers.ts';
import { inputSchema } from './toolCatalogue.ts';

export interface ToolInputs {
  analyze_pair: { base: string; tuned: string; config?: string[]; options?: Partial<AnalysisOptions> };
  explain: { report: string; about: string };
  compare_runs: { base: string; runs: string[]; followSteps?: boolean; match?: string };
  advise_config: { configs: string[]; report?: string };
  inspect_checkpoint: { checkpoint: string; match?: string; offset?: number };
  list_checkpoints: { folder?: string; offset?: number };
}

const ajv = new Ajv({ allowUnionTypes: true });
const validators = new Map<ToolName, ValidateFunction>();

/** Throws `usage` that names the argument, and for a `match` that is no regular expression. */
export function toolInput<Name extends ToolName>(name: Name, given: unknown): ToolInputs[Name] {
  const validate = validators.get(name) ?? ajv.compile(inputSchema(name));
  validators.set(name, validate);
  const input = given ?? {};
  if (!validate(input)) {
    const [error] = validate.errors ?? [];
    const place = (error?.instancePath ?? '').slice(1).replaceAll('/', '.').slice(0, 100);
    const extra = error?.params['additionalProperty'] as string | undefined;
    const what = extra === undefined ? '' : ` (${extra.slice(0, 100)})`;
    const where = place === '' ? 'The arguments' : `The argument ${place}`;
    throw new ThreeGateError('usage', `${where} ${error?.message ?? 'make no sense'}${what}.`);
  }
  const { match, options } = input as { match?: string; options?: { match?: string | null } };
  for (const pattern of [match, options?.match]) requirePattern(pattern ?? '');
  return input as ToolInputs[Name];
}

function requirePattern(pattern: string): void {
  try {
    new RegExp(pattern, 'u');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ThreeGateError('usage', `The argument match is no regular expression: ${why}.`);
  }
}
