// Which tensor's curves the panel wants and does not have: those of the selected one, once for each measurement. Pure.
import type { PanelTensor } from '../../../src/shared/protocol/panelReport.ts';
import type { KnownCurves, PanelState } from './state.ts';

/** The tensor to ask for; null when there is nothing to ask. */
export function wantedCurves({ document, view, curves }: PanelState): PanelTensor | null {
  const { selection } = view;
  if (selection.kind !== 'tensor') return null;
  const tensor = document?.report?.tensors.find(({ name }) => name === selection.name);
  if (tensor === undefined || curves?.of === tensor) return null;
  return tensor.geometry.value !== null || tensor.precision.value?.striped === true ? tensor : null;
}

/** Curves to draw for a tensor: its own, or while it is measured on, those of a moment ago; null while there are none. */
export function curvesFor({ name }: PanelTensor, curves: KnownCurves | null): KnownCurves | null {
  return curves?.of.name === name ? curves : null;
}
