// Which hovers there are and where.
import * as vscode from 'vscode';
import type { ReportStore } from '../../node/runs/reportStore.ts';
import { CheckpointFacts } from './checkpointFacts.ts';
import { CheckpointHover, hoverLanguages } from './checkpointHover.ts';
import { WeightNameHover } from './weightNameHover.ts';

export function registerHovers(reports: ReportStore): vscode.Disposable[] {
  const onDisk = hoverLanguages.map((language) => ({ language, scheme: 'file' }));
  const modelCards = { scheme: 'file', language: 'markdown', pattern: '**/README.md' };
  const indexes = { scheme: 'file', pattern: '**/*.safetensors.index.json' };
  return [
    vscode.languages.registerHoverProvider(
      [...onDisk, modelCards],
      new CheckpointHover(new CheckpointFacts(), reports),
    ),
    vscode.languages.registerHoverProvider(indexes, new WeightNameHover(reports)),
  ];
}
