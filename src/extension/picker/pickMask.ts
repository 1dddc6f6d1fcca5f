// Choosing a mask: its kind or a published preset, and then the mask file or the tuned checkpoint that it follows, if any.
import * as vscode from 'vscode';
import {
  budgetKinds,
  maskDefinitions,
  maskPresets,
  presetSettings,
  type BudgetKind,
  type MaskPreset,
  type MaskSpec,
} from '../../shared/report/maskReport.ts';
import type { AnalysisOptions } from '../../shared/options/options.ts';
import type { ModuleKind } from '../../shared/report/moduleKinds.ts';
import { pickOne } from './pickPair.ts';

interface PickedMask {
  mask: MaskSpec;
  exclude: readonly ModuleKind[];
  /** For the file's name. */
  name: string;
}

interface MaskItem extends vscode.QuickPickItem {
  /** Asks for what else is needed; undefined when the user gave up. */
  choose: () => Promise<PickedMask | undefined>;
}

/** Undefined when the user gave up. */
export async function pickMask(title: string, options: AnalysisOptions): Promise<PickedMask | undefined> {
  const placeHolder = vscode.l10n.t('Which weights may be trained');
  const chosen = await vscode.window.showQuickPick(itemsOf(title, options), { title, placeHolder });
  return chosen?.choose();
}

function itemsOf(title: string, options: AnalysisOptions): MaskItem[] {
  return [
    ...budgetKinds.map((kind) => budgetItem(kind, options)),
    ...maskPresets.map((preset) => presetItem(preset, options)),
    {
      label: 'update',
      description: maskDefinitions.update,
      detail: vscode.l10n.t('What a tuned checkpoint changed'),
      choose: async () => {
        const tunedPath = await pickOne(title, vscode.l10n.t('The tuned checkpoint'));
        return tunedPath === undefined ? undefined : whole('update', { kind: 'update', tunedPath });
      },
    },
    randomItem(
      'update',
      options,
      vscode.l10n.t('A control as dense as what a tuned checkpoint changed'),
      () => pickOne(title, vscode.l10n.t('The tuned checkpoint')),
    ),
    randomItem('mask', options, vscode.l10n.t('A control as dense as another mask'), () => pickFile(title)),
  ];
}

function budgetItem(kind: BudgetKind, { rank, alpha }: AnalysisOptions): MaskItem {
  const words: Record<BudgetKind, string> = {
    rlvr: vscode.l10n.t('Where reinforcement learning writes'),
    low: vscode.l10n.t('The smallest weights'),
    'non-principal': vscode.l10n.t('All but the principal weights'),
    principal: vscode.l10n.t('The principal weights, for sparse fine-tuning'),
  };
  const mask = { kind, rank, alphaPrincipal: alpha, alphaLow: alpha, preset: null };
  const description = maskDefinitions[kind];
  return { label: kind, description, detail: words[kind], choose: () => Promise.resolve(whole(kind, mask)) };
}

function presetItem(preset: MaskPreset, { rank }: AnalysisOptions): MaskItem {
  const { alphaPrincipal, alphaLow, exclude, source } = presetSettings[preset];
  const mask = { kind: 'rlvr', rank, alphaPrincipal, alphaLow, preset } as const;
  return {
    label: preset,
    description: vscode.l10n.t('rlvr with α principal {0}, α low {1}', alphaPrincipal, alphaLow),
    detail: vscode.l10n.t('As published ({0}): without {1}', source, exclude.join(', ')),
    choose: () => Promise.resolve({ mask, exclude, name: preset }),
  };
}

function randomItem(
  what: 'mask' | 'update',
  { seed }: AnalysisOptions,
  detail: string,
  pickPath: () => Promise<string | undefined>,
): MaskItem {
  return {
    label: 'random',
    description: what === 'mask' ? vscode.l10n.t('like a mask') : vscode.l10n.t('like an update'),
    detail,
    choose: async () => {
      const path = await pickPath();
      return path === undefined ? undefined : whole('random', { kind: 'random', like: { what, path }, seed });
    },
  };
}

function whole(name: string, mask: MaskSpec): PickedMask {
  return { name, mask, exclude: [] };
}

async function pickFile(title: string): Promise<string | undefined> {
  const filters = { safetensors: ['safetensors'] };
  const openLabel = vscode.l10n.t('Use This Mask');
  const chosen = await vscode.window.showOpenDialog({ title, filters, openLabel, canSelectFiles: true });
  return chosen?.[0]?.fsPath;
}
