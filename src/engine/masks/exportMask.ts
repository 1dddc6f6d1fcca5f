// From a base checkpoint to a file of masks: one tensor at a time is read, masked and written, so memory is that of the
// largest tensor. A tensor that cannot be read or masked is left out of the file with its reason; the file stands under
// its name only when it is whole, and a cancelled export leaves nothing.
import type { MaskRequest } from '../../shared/protocol/engineProtocol.ts';
import { ThreeGateError } from '../../shared/errors.ts';
import {
  maskDefinitions,
  maskSchemaVersion,
  type MaskDescription,
  type MaskReport,
} from '../../shared/report/maskReport.ts';
import type { Progress } from '../../shared/protocol/analysisEvents.ts';
import { throwIfCancelled } from '../analysis/tensorGeometry.ts';
import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import { stretchesOf } from '../kernels/stretches.ts';
import { MaskFile } from './maskFile.ts';
import type { MaskMaker } from './maskMaker.ts';
import { planMask, type LeftOut, type MaskPlan } from './maskPlan.ts';
import { MaskRun } from './maskRun.ts';
import { MaskTools } from './maskTools.ts';
import type { TunedUpdate } from './tunedUpdate.ts';
import { openMaker } from './openMaker.ts';
import type { MaskPorts } from './ports.ts';
import { ReportBuilder } from './reportBuilder.ts';

export async function exportMask(
  request: MaskRequest,
  ports: MaskPorts,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<MaskReport> {
  const startedMs = performance.now();
  const base = await ports.openCheckpoint(request.basePath);
  const tools = new MaskTools(request, ports, signal);
  const against = request.tunedPath === null ? null : await tools.openUpdate(base, request.tunedPath);
  const maker = await openMaker(request, base, tools);
  const plan = planMask(base, { ...request, ...maker.needs }, ports.machine.totalMemoryBytes);
  await ports.announce(
    plan.steps.flatMap(({ tensor }) => [
      ...stretchesOf(tensor, 0, tensor.elements),
      ...maker.stretches(tensor),
      ...(against?.stretches(tensor) ?? []),
    ]),
  );
  const run = new MaskRun(request, maker, against, tools);
  const output = await ports.openOutput(request.outPath);
  try {
    const entries = plan.steps.map(({ tensor }) => tensor);
    const file = new MaskFile(output, entries, run.metadata(noHash));
    const report = new ReportBuilder(plan.leftOut, whyNoOverlap(request));
    const done = { bytes: 0, elements: 0, matrices: 0 };
    for (const step of plan.steps) {
      throwIfCancelled(signal);
      onProgress(progressOf(plan, done, performance.now() - startedMs, step.tensor.name));
      await run.tensor(step, file, report);
      done.bytes += step.tensor.bytes;
      done.elements += step.tensor.elements;
      done.matrices += step.view.count;
    }
    if (report.tensors.length === 0) throw nothingMasked(base, report.leftOut);
    const baseSha256 = run.baseSha256();
    await file.finish(run.metadata(baseSha256));
    return {
      schemaVersion: maskSchemaVersion,
      ...described(request, maker, against),
      base: base.info,
      baseSha256,
      file: request.outPath,
      bytes: file.bytes,
      ...report.build(),
      notMatched: plan.notMatched,
      engine: tools.engineInfo(),
      problems: [...base.problems, ...(against?.tuned.problems ?? []), ...maker.problems],
      elapsedMs: performance.now() - startedMs,
    };
  } catch (error) {
    await output.discard();
    throw error;
  } finally {
    await tools.close();
  }
}

const noHash = '0'.repeat(64);

/** What was asked for, as the report says it. */
function described(
  { mask, eta, match, exclude }: MaskRequest,
  maker: MaskMaker,
  against: TunedUpdate | null,
): MaskDescription {
  return {
    kind: mask.kind,
    definition: maskDefinitions[mask.kind],
    ...maker.description,
    eta,
    match,
    exclude: [...exclude],
    tuned: maker.description.tuned ?? against?.tuned.info ?? null,
  };
}

function whyNoOverlap({ mask, tunedPath }: MaskRequest): string {
  if (mask.kind === 'update') return 'The mask is the update itself.';
  return tunedPath === null
    ? 'No tuned checkpoint was given.'
    : 'The tuned checkpoint has no tensor of this name and shape.';
}

/** Every planned tensor failed: the last one's reason stands for them all. */
function nothingMasked({ info }: Checkpoint, leftOut: readonly LeftOut[]): ThreeGateError {
  const why = leftOut[leftOut.length - 1]?.reason.message ?? 'It holds no matrix.';
  return new ThreeGateError('nothing-to-compare', `No tensor of ${info.path} could be masked. ${why}`, {
    file: info.path,
  });
}

function progressOf(
  plan: MaskPlan,
  done: { bytes: number; elements: number; matrices: number },
  elapsedMs: number,
  current: string,
): Progress {
  return {
    bytesDone: done.bytes,
    bytesTotal: plan.bytes,
    matrixWorkDone: done.elements,
    matrixWorkTotal: plan.elements,
    matricesDone: done.matrices,
    matricesTotal: plan.matrices,
    elapsedMs,
    remainingMs: done.elements === 0 ? null : (elapsedMs * (plan.elements - done.elements)) / done.elements,
    current,
  };
}
