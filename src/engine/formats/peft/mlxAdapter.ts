// Adapters of Apple's MLX (mlx_lm.lora): told apart from PEFT's by their settings, files and tensor names. Their factors
// are transposed and scaled by other rules, and their base is often quantised, so they are named and not applied.
import { ThreeGateError } from '../../../shared/errors.ts';
import type { FileSystem } from '../../files/fileSystem.ts';

const maxConfigBytes = 16_000_000;
/** `adapters.safetensors`, and `0000100_adapters.safetensors` of a step. */
const filePattern = /^(?:\d+_)?adapters\.(?:safetensors|npz)$/;
const tensorPattern = /\.(?:lora_[ab]|m)$/;

export function isMlxConfig(fields: Partial<Record<string, unknown>>): boolean {
  return ['fine_tune_type', 'lora_parameters', 'lora_layers'].some((key) => fields[key] !== undefined);
}

/** The error that names an MLX adapter, and the way on. */
export function mlxAdapter(folder: string, type: unknown = 'lora'): ThreeGateError {
  const kind = typeof type === 'string' ? type : 'lora';
  const message = `${folder} is an adapter of MLX (adapters.safetensors, fine_tune_type ${kind}), not of PEFT, and cannot be applied here. Fuse it with its base, \`mlx_lm.fuse --model BASE --adapter-path ${folder} --save-path FUSED\` (with --dequantize where the base is quantised), and compare FUSED with BASE.`;
  return new ThreeGateError('adapter-unsupported', message, { file: folder });
}

/** Whether a folder's names or its adapter_config.json say MLX; then throws what `mlxAdapter` says. */
export async function refuseMlxFolder(fileSystem: FileSystem, folder: string): Promise<void> {
  const file = fileSystem.resolve(folder, 'adapter_config.json');
  const isThere = (await fileSystem.stat(file))?.kind === 'file';
  const fields = isThere ? fieldsIn(await fileSystem.readText(file, maxConfigBytes)) : {};
  const isMlx = fields['peft_type'] === undefined && isMlxConfig(fields);
  if (isMlx || (await fileSystem.list(folder)).some(isMlxFile)) {
    throw mlxAdapter(folder, fields['fine_tune_type']);
  }
}

/** Broken settings are told of where they are read for their own sake. */
function fieldsIn(text: string): Partial<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
  } catch {
    return {};
  }
}

/** Throws where every tensor of a folder is an MLX factor. */
export function refuseMlxTensors(folder: string, names: Iterable<string>): void {
  let isEmpty = true;
  for (const name of names) {
    if (!tensorPattern.test(name)) return;
    isEmpty = false;
  }
  if (!isEmpty) throw mlxAdapter(folder);
}

export function isMlxFile(name: string): boolean {
  return filePattern.test(name);
}
