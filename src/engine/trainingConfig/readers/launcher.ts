// How a run was launched, as far as it decides whether fp32 master weights exist: one process, DDP, FSDP or DeepSpeed.
import type { ConfigEntry } from '../../../shared/report/training.ts';
import type { ConfigDocument } from '../document/configDocument.ts';
import { firstPresent, statedEntry } from './fields.ts';
import { baseName, type FrameworkReader, type Launcher, type RunFacts } from './reader.ts';

/** From an accelerate config file, by its own keys; null when the document is none. */
export function accelerateLauncher(document: ConfigDocument): Launcher | null {
  const type = document.get('distributed_type')?.value;
  if (typeof type !== 'string' || !isAccelerate(document)) return null;
  const precision = document.get('mixed_precision')?.value;
  const from = `${baseName(document.file)}: distributed_type ${type}`;
  return {
    kind: launcherKind(type),
    mixedPrecision: typeof precision === 'string' ? precision : precision === false ? 'no' : null,
    from,
  };
}

/** `distributed_type` of accelerate, also as it is pickled into training_args.bin. */
export function launcherKind(distributedType: string): Launcher['kind'] {
  if (/deepspeed/i.test(distributedType)) return 'deepspeed';
  if (/fsdp/i.test(distributedType)) return 'fsdp';
  return /multi/i.test(distributedType) ? 'ddp' : 'single';
}

/** What the document itself says (`deepspeed`, `fsdp`) goes before what was found beside it. */
export function launcherOf(document: ConfigDocument, facts: RunFacts): Launcher | null {
  if (isSet(document, 'deepspeed')) {
    return { kind: 'deepspeed', mixedPrecision: null, from: `deepspeed in ${baseName(document.file)}` };
  }
  if (isSet(document, 'fsdp') || document.has('fsdp_config.fsdp_version')) {
    const bf16 = document.get('bf16')?.value;
    return {
      kind: 'fsdp',
      mixedPrecision: bf16 === true || bf16 === 'auto' ? 'bf16' : (facts.launcher?.mixedPrecision ?? null),
      from: `fsdp in ${baseName(document.file)}`,
    };
  }
  return facts.launcher;
}

export function launcherEntries(document: ConfigDocument, launcher: Launcher | null): ConfigEntry[] {
  const stated = firstPresent(document, ['deepspeed', 'fsdp', 'fsdp_config.fsdp_version']);
  if (launcher === null) return [];
  if (stated !== null && stated.value !== null) {
    return [statedEntry(document, 'launcher', stated, launcher.kind)];
  }
  return [];
}

/** accelerate's own config file: no hyper-parameters, but who keeps the master weights. */
export const accelerateReader: FrameworkReader = {
  framework: 'accelerate',
  evidence: (document) => (isAccelerate(document) ? 9 : 0),
  read(document) {
    const launcher = accelerateLauncher(document);
    const entries: ConfigEntry[] = [];
    const type = document.get('distributed_type');
    if (type !== null && launcher !== null) {
      const stage = document.get('deepspeed_config.zero_stage')?.value;
      const version = document.get('fsdp_config.fsdp_version')?.value;
      const detail =
        typeof stage === 'number'
          ? ` ZeRO-${stage}`
          : typeof version === 'number'
            ? ` version ${version}`
            : '';
      entries.push(statedEntry(document, 'launcher', type, `${String(type.value)}${detail}`));
    }
    const gather = document.get('deepspeed_config.zero3_save_16bit_model');
    if (gather !== null) entries.push(statedEntry(document, 'gatherOnSave', gather, gather.value));
    const precision = document.get('mixed_precision');
    if (precision !== null) entries.push(statedEntry(document, 'mixedPrecision', precision, precision.value));
    const processes = document.get('num_processes');
    if (processes !== null) entries.push(statedEntry(document, 'processes', processes, processes.value));
    return { framework: 'accelerate', frameworkVersion: null, kind: 'unknown', entries, problems: [] };
  },
};

function isAccelerate(document: ConfigDocument): boolean {
  return (
    document.has('distributed_type') && (document.has('compute_environment') || document.has('num_machines'))
  );
}

function isSet(document: ConfigDocument, key: string): boolean {
  const value = document.get(key)?.value;
  if (value === undefined) return document.has(key);
  return value !== null && value !== '' && value !== false && !(Array.isArray(value) && value.length === 0);
}
