// A tool by its name: the arguments are checked, the work is done, and what goes wrong is said with what to do next.
import { asProblem } from '../shared/errors.ts';
import { adviseConfig } from './adviseConfig.ts';
import { analyzePair } from './analyzePair.ts';
import type { ToolName } from './answers.ts';
import { compareRuns } from './compareRuns.ts';
import { explain } from './explain.ts';
import { inspectCheckpoint, listCheckpoints } from './lookAround.ts';
import { nextStep, type Carrier } from './nextStep.ts';
import type { ToolResult, ToolServices, ToolWatch } from './services.ts';
import { toolInput } from './toolInput.ts';

/** Rejects with a ThreeGateError. */
export async function callTool(
  services: ToolServices,
  name: ToolName,
  given: unknown,
  watch: ToolWatch,
): Promise<ToolResult> {
  switch (name) {
    case 'analyze_pair':
      return analyzePair(services, toolInput(name, given), watch);
    case 'explain':
      return explain(services, toolInput(name, given));
    case 'compare_runs':
      return compareRuns(services, toolInput(name, given), watch);
    case 'advise_config':
      return adviseConfig(services, toolInput(name, given));
    case 'inspect_checkpoint':
      return inspectCheckpoint(services, toolInput(name, given));
    case 'list_checkpoints':
      return listCheckpoints(services, toolInput(name, given));
  }
}

/** Anything that was thrown, in two sentences: what went wrong, and what to do. */
export function failureWords(thrown: unknown, carrier: Carrier = 'server'): string {
  const found = asProblem(thrown);
  return `${found.message} Next: ${nextStep(found.code, carrier)}`;
}
