// training_args.bin, which every Hugging Face trainer leaves beside its weights, as a ConfigDocument: flat keys of the
// arguments object. Secrets (keys that end in `token`) are dropped here and exist nowhere else.
import { ThreeGateError } from '../../../shared/errors.ts';
import type { ConfigScalar } from '../../../shared/training.ts';
import type { FileSystem } from '../../checkpoint/fileSystem.ts';
import { ConfigDocument } from '../document/configDocument.ts';
import { launcherKind } from '../readers/launcher.ts';
import { baseName, type Launcher } from '../readers/reader.ts';
import { walkPickle, type PickleObject, type PickleValue } from './pickleWalk.ts';
import { storedZipEntry } from './zipEntry.ts';

/** Real files have 5 kB. */
export const maxTrainingArgsBytes = 1024 * 1024;
const maxDepth = 4;
const maxListItems = 256;

export interface TrainingArgs {
  document: ConfigDocument;
  /** Class of the arguments, e.g. `GRPOConfig`. */
  className: string;
  /** `grpo` of `GRPOConfig`; null for plain TrainingArguments. */
  algorithm: string | null;
  /** Whether the class is TRL's. */
  trl: boolean;
  launcher: Launcher | null;
}

export async function readTrainingArgs(fileSystem: FileSystem, file: string): Promise<TrainingArgs> {
  const source = await fileSystem.open(file);
  try {
    if (source.size > maxTrainingArgsBytes) {
      throw new ThreeGateError(
        'pickle-refused',
        `${file} was not read: it has ${source.size} bytes, more than ${maxTrainingArgsBytes}.`,
        { file },
      );
    }
    const bytes = new Uint8Array(source.size);
    await source.read(0, bytes);
    return parseTrainingArgs(file, bytes);
  } finally {
    await source.close();
  }
}

export function parseTrainingArgs(file: string, bytes: Uint8Array): TrainingArgs {
  const root = walkPickle(storedZipEntry(bytes, /(^|\/)data\.pkl$/, file), file);
  if (!isObject(root) || !isGlobal(root.of) || !isDict(root.state)) {
    throw new ThreeGateError('pickle-refused', `${file} was not read: it holds no arguments object.`, {
      file,
    });
  }
  const document = new ConfigDocument(file, 'pickle', '');
  addEntries(document, '', root.state, 0);
  const className = root.of.name;
  const algorithm =
    /^(\w+?)(?:Config|TrainingArguments|Arguments)$/.exec(className)?.[1]?.toLowerCase() ?? null;
  return {
    document,
    className,
    algorithm:
      algorithm === 'training' || algorithm === 'seq2seq'
        ? null
        : (algorithm?.replace(/^unsloth/, '') ?? null),
    trl: /^(trl|unsloth|open_r1)\b/.test(root.of.module) || root.of.module.includes('UnslothGRPO'),
    launcher: launcherOfState(file, root.state.entries.get('distributed_state') ?? null),
  };
}

function addEntries(document: ConfigDocument, path: string, value: PickleValue, depth: number): void {
  if (!isDict(value)) return;
  for (const [key, item] of value.entries) {
    if (/token$/i.test(key)) continue;
    const full = path === '' ? key : `${path}.${key}`;
    if (isDict(item) && depth < maxDepth) {
      addEntries(document, full, item, depth + 1);
      continue;
    }
    const scalar = scalarOf(item);
    if (scalar === undefined) continue;
    // A binary file has no lines to point into: its start stands for the whole.
    document.add({
      path: full,
      value: scalar,
      key: { line: 1, column: 1, length: 0 },
      valueSpan: null,
      unresolved: null,
    });
  }
}

/** Enums are calls with one text (`SchedulerType('cosine')`), dtypes are names; other objects have no scalar. */
function scalarOf(value: PickleValue): ConfigScalar | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  switch (value.kind) {
    case 'list':
    case 'tuple':
      return value.items
        .slice(0, maxListItems)
        .map((item) => String(isPlain(item) ? item : (scalarOf(item) ?? '…')));
    case 'global':
      return value.module === 'torch' ? value.name : undefined;
    case 'object':
      return value.args.length === 1 && typeof value.args[0] === 'string' ? value.args[0] : undefined;
    case 'dict':
      return undefined;
  }
}

function launcherOfState(file: string, state: PickleValue): Launcher | null {
  if (!isObject(state) || !isDict(state.state)) return null;
  const type = scalarOf(state.state.entries.get('distributed_type') ?? null);
  if (typeof type !== 'string') return null;
  return {
    kind: launcherKind(type),
    mixedPrecision: null,
    from: `distributed_type ${type} in ${baseName(file)}`,
  };
}

function isPlain(value: PickleValue): value is string | number | boolean | null {
  return value === null || typeof value !== 'object';
}

function isObject(value: PickleValue): value is PickleObject {
  return value !== null && typeof value === 'object' && value.kind === 'object';
}

function isGlobal(value: PickleValue): value is Extract<PickleValue, { kind: 'global' }> {
  return value !== null && typeof value === 'object' && value.kind === 'global';
}

function isDict(value: PickleValue): value is Extract<PickleValue, { kind: 'dict' }> {
  return value !== null && typeof value === 'object' && value.kind === 'dict';
}
