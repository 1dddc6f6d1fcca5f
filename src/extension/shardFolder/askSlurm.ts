// What a submission to Slurm asks for, one quick input after another; what is left empty is left to Slurm.
import { isAbsolute } from 'node:path';
import * as vscode from 'vscode';
import type { SlurmWishes } from '../../node/cluster/scripts.ts';
import { partitions } from '../../node/cluster/slurm.ts';

interface SlurmAnswers {
  shards: number;
  wishes: SlurmWishes;
  /** Absolute. */
  directory: string;
}

interface Question {
  prompt: string;
  value?: string;
  placeHolder?: string;
  /** A whole answer. */
  form: RegExp;
  /** What it has to be. */
  asks: string;
}

const steps = 6;

/** Undefined when the user gave up. @param folder where the shards go unless the user says otherwise */
export async function askSlurm(folder: string): Promise<SlurmAnswers | undefined> {
  const tasks = await ask(1, {
    prompt: vscode.l10n.t('Tasks: how many shards the pair is measured in'),
    value: '16',
    form: /^[1-9]\d*$/u,
    asks: vscode.l10n.t('A whole number from 1 on.'),
  });
  if (tasks === undefined) return undefined;
  const partition = await askPartition();
  if (partition === undefined) return undefined;
  const time = await ask(3, {
    prompt: vscode.l10n.t("Time limit of one shard, as Slurm writes it; empty for the partition's"),
    placeHolder: '2:00:00',
    form: /^(?:\d+|(?:\d+-\d+(?::\d\d){0,2})|(?:\d+:\d\d(?::\d\d)?)|UNLIMITED)?$/u,
    asks: vscode.l10n.t('Minutes, hours:minutes:seconds or days-hours, such as 2:00:00.'),
  });
  if (time === undefined) return undefined;
  const cpus = await ask(4, {
    prompt: vscode.l10n.t("Processor cores of one shard; empty for Slurm's default"),
    placeHolder: '8',
    form: /^(?:[1-9]\d*)?$/u,
    asks: vscode.l10n.t('A whole number from 1 on.'),
  });
  if (cpus === undefined) return undefined;
  const memory = await ask(5, {
    prompt: vscode.l10n.t("Memory of one shard; empty for Slurm's default"),
    placeHolder: '64G',
    form: /^(?:[1-9]\d*[KMGT]?)?$/u,
    asks: vscode.l10n.t('A number with K, M, G or T, such as 64G.'),
  });
  if (memory === undefined) return undefined;
  const directory = await askFolder(folder);
  if (directory === undefined) return undefined;
  const wishes = {
    partition,
    time: time || null,
    cpus: cpus === '' ? null : Number(cpus),
    memory: memory || null,
  };
  return { shards: Number(tasks), wishes, directory };
}

async function ask(step: number, { form, asks, ...shown }: Question): Promise<string | undefined> {
  const answer = await vscode.window.showInputBox({
    ...shown,
    title: titleOf(step),
    ignoreFocusOut: true,
    validateInput: (text) => (form.test(text.trim()) ? null : asks),
  });
  return answer?.trim();
}

async function askFolder(folder: string): Promise<string | undefined> {
  const answer = await vscode.window.showInputBox({
    title: titleOf(6),
    prompt: vscode.l10n.t('Folder of the shards: an absolute path that all nodes share'),
    value: folder,
    ignoreFocusOut: true,
    validateInput: (text) => (isAbsolute(text.trim()) ? null : vscode.l10n.t('An absolute path.')),
  });
  return answer?.trim();
}

/** Null leaves it to Slurm; undefined when the user gave up. */
async function askPartition(): Promise<string | null | undefined> {
  const known = await partitions(process.env);
  if (known.length === 0) {
    const prompt = vscode.l10n.t("Partition; empty for Slurm's default");
    const typed = await ask(2, { prompt, form: /^\S*$/u, asks: vscode.l10n.t('A name without spaces.') });
    return typed === '' ? null : typed;
  }
  const usual = known.find(({ isDefault }) => isDefault);
  const items = [
    { label: vscode.l10n.t("Slurm's default"), description: usual?.name ?? '', partition: null },
    ...known.map(({ name, timeLimit, nodes }) => ({
      label: name,
      description: vscode.l10n.t('nodes: {0}, time limit: {1}', nodes, timeLimit),
      partition: name,
    })),
  ];
  const placeHolder = vscode.l10n.t('Partition');
  const chosen = await vscode.window.showQuickPick(items, {
    title: titleOf(2),
    placeHolder,
    ignoreFocusOut: true,
  });
  return chosen?.partition;
}

function titleOf(step: number): string {
  return vscode.l10n.t('Submit to Slurm ({0}/{1})', step, steps);
}
