// training_args.bin, which every Hugging Face trainer leaves beside its weights, as a ConfigDocument: flat keys of the
// arguments object. Secrets (keys that end in `token`) are dropped here and exist nowhere else.
import { asProblem, ThreeGateError } from '../../../shared/errors.ts';
import type { ConfigScalar } from '../../../shared/report/training.ts';
import type { ByteSource, FileSystem } from '../../files/fileSystem.ts';
import { readPickle } from '../../files/pickle/restrictedPickle.ts';
import { fieldsOf, isKind, lastName, sequenceOf } from '../../files/pickle/value.ts';
import type { PickleValue } from '../../files/pickle/value.ts';
import { readZipDirectory, readZipEntry } from '../../files/zip.ts';
import { ConfigDocument } from '../document/configDocument.ts';
import { launcherKind } from '../readers/launcher.ts';
import { baseName, type Launcher } from '../readers/reader.ts';
import { argumentsPolicy } from './argumentsPolicy.ts';

/** Real files have 5 kB. */
const maxTrainingArgsBytes = 1024 * 1024;
const maxDepth = 4;
const maxListItems = 256;

interface TrainingArgs {
  document: ConfigDocument;
  /** Class of the arguments, e.g. `GRPOConfig`. */
  className: string;
  /** `grpo` of `GRPOConfig`; null for plain TrainingArguments. */
  algorithm: string | null;
  /** Whether the class is TRL's. */
  trl: boolean;
  launcher: Launcher | null;
}

/** Throws `pickle-refused`, whatever is wrong with the file. */
export async function readTrainingArgs(fileSystem: FileSystem, file: string): Promise<TrainingArgs> {
  const source = await fileSystem.open(file);
  try {
    if (source.size > maxTrainingArgsBytes) {
      throw refused(file, `it has ${source.size} bytes, more than ${maxTrainingArgsBytes}.`);
    }
    return await parseTrainingArgs(source);
  } finally {
    await source.close();
  }
}

export async function parseTrainingArgs(source: ByteSource): Promise<TrainingArgs> {
  const file = source.path;
  const root = readPickle(file, await pickleBytes(source), argumentsPolicy);
  if (!isKind(root, 'object') || !isKind(root.state, 'dict')) {
    throw refused(file, 'it holds no arguments object.');
  }
  const document = new ConfigDocument(file, 'pickle', '');
  addEntries(document, '', root.state, 0);
  const className = lastName(root.callee);
  const algorithm =
    /^(\w+?)(?:Config|TrainingArguments|Arguments)$/.exec(className)?.[1]?.toLowerCase() ?? null;
  return {
    document,
    className,
    algorithm:
      algorithm === 'training' || algorithm === 'seq2seq'
        ? null
        : (algorithm?.replace(/^unsloth/, '') ?? null),
    trl: /^(trl|unsloth|open_r1)\b/.test(root.callee) || root.callee.includes('UnslothGRPO'),
    launcher: launcherOfState(file, root.state.entries.get('distributed_state')),
  };
}

async function pickleBytes(source: ByteSource): Promise<Uint8Array> {
  const file = source.path;
  const start = new Uint8Array(Math.min(2, source.size));
  await source.read(0, start);
  if (start[0] !== 0x50 || start[1] !== 0x4b) {
    throw refused(file, 'it is no zip archive, so it was not written by torch.save of PyTorch 1.6 or newer.');
  }
  try {
    const entries = await readZipDirectory(source);
    const pickle = [...entries.values()].find(({ name }) => /(^|\/)data\.pkl$/.test(name));
    if (pickle === undefined) throw refused(file, 'it holds no data.pkl.');
    return await readZipEntry(source, pickle);
  } catch (thrown) {
    const { code, message } = asProblem(thrown);
    throw code === 'pickle-refused' ? thrown : refused(file, message);
  }
}

function refused(file: string, why: string): ThreeGateError {
  return new ThreeGateError('pickle-refused', `${file} was not read: ${why}`, { file });
}

function addEntries(document: ConfigDocument, path: string, value: PickleValue, depth: number): void {
  if (!isKind(value, 'dict')) return;
  for (const [keyed, item] of value.entries) {
    if (typeof keyed !== 'string' && typeof keyed !== 'number') continue;
    const key = String(keyed);
    if (/token$/i.test(key)) continue;
    const full = path === '' ? key : `${path}.${key}`;
    if (isKind(item, 'dict') && depth < maxDepth) {
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
  if (typeof value === 'bigint') return Number(value);
  const items = sequenceOf(value);
  if (items !== null) return items.slice(0, maxListItems).map(textOf);
  if (isKind(value, 'global')) return /^torch\.(\w+)$/.exec(value.name)?.[1];
  const [only, ...more] = isKind(value, 'object') ? value.args : [];
  return typeof only === 'string' && more.length === 0 ? only : undefined;
}

/** Of an item of a list; a list inside a list has no text, however deep it goes. */
function textOf(item: PickleValue): string {
  return sequenceOf(item) === null ? String(scalarOf(item) ?? (item === null ? null : '…')) : '…';
}

function launcherOfState(file: string, state: PickleValue | undefined): Launcher | null {
  if (!isKind(state, 'object')) return null;
  const type = scalarOf(fieldsOf(state.state).get('distributed_type') ?? null);
  if (typeof type !== 'string') return null;
  return {
    kind: launcherKind(type),
    mixedPrecision: null,
    from: `distributed_type ${type} in ${baseName(file)}`,
  };
}
