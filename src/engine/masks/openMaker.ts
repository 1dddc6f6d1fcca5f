// The maker of the mask that was asked for, with what it stands on opened.
import type { MaskRequest } from '../../shared/protocol/engineProtocol.ts';
import type { RandomMask } from '../../shared/report/maskReport.ts';
import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import { BudgetMaker } from './budgetMask.ts';
import { densityOfMask, densityOfUpdate } from './densities.ts';
import type { MaskMaker } from './maskMaker.ts';
import type { MaskTools } from './maskTools.ts';
import { RandomMaker, type Density } from './randomMask.ts';
import { UpdateMaker } from './updateMask.ts';

export async function openMaker(
  { mask, eta }: MaskRequest,
  base: Checkpoint,
  tools: MaskTools,
): Promise<MaskMaker> {
  if (mask.kind === 'random') {
    const density = await openDensity(mask.like, eta, base, tools);
    return new RandomMaker(mask, density, tools.reader);
  }
  if (mask.kind === 'update') {
    return new UpdateMaker(await tools.openUpdate(base, mask.tunedPath), eta, tools.reader);
  }
  return new BudgetMaker(mask, tools);
}

async function openDensity(
  { what, path }: RandomMask['like'],
  eta: number,
  base: Checkpoint,
  tools: MaskTools,
): Promise<Density> {
  if (what === 'update') return densityOfUpdate(await tools.openUpdate(base, path), eta);
  return densityOfMask(await tools.ports.openCheckpoint(path), base, tools);
}
