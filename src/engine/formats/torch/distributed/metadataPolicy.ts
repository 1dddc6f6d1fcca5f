// What the `.metadata` of a torch distributed checkpoint may say: the classes of torch.distributed.checkpoint.metadata by
// every module that has kept them, and nothing else. Source: torch/distributed/checkpoint/{metadata,filesystem}.py.
import { opcodesNamed, plainOpcodes } from '../../../files/pickle/opcodes.ts';
import type { PicklePolicy } from '../../../files/pickle/policy.ts';
import { tensorPolicy } from '../tensorPolicy.ts';

const metadataModules = [
  'torch.distributed.checkpoint.metadata',
  'torch.distributed._shard.checkpoint.metadata',
];
const metadataClasses = [
  'Metadata',
  'MetadataIndex',
  'TensorStorageMetadata',
  'BytesStorageMetadata',
  'ChunkStorageMetadata',
  'TensorProperties',
  'StorageMeta',
  '_MEM_FORMAT_ENCODING',
];
const otherClasses = [
  'torch.distributed.checkpoint.filesystem._StorageInfo',
  'torch.distributed._shard.checkpoint.filesystem._StorageInfo',
  'torch.distributed._shard.sharded_tensor.metadata.TensorProperties',
  'torch.distributed._shard.sharded_tensor.metadata.MEM_FORMAT_ENCODING',
  // How Python 3.11 writes the member of an enumeration: a name and no call, as all of them.
  'builtins.getattr',
  // Where a checkpoint was first written: only ever mentioned.
  'pathlib.Path',
  'pathlib.PosixPath',
  'pathlib.PurePosixPath',
  'pathlib.WindowsPath',
  'pathlib._local.Path',
  'pathlib._local.PosixPath',
  'pathlib._local.WindowsPath',
];
const names = [
  ...metadataModules.flatMap((module) => metadataClasses.map((name) => `${module}.${name}`)),
  ...otherClasses,
];

export const metadataPolicy: PicklePolicy = {
  ...tensorPolicy,
  opcodes: opcodesNamed(`${plainOpcodes} LONG4 BINUNICODE8 STACK_GLOBAL`),
  mention: new Set([...tensorPolicy.mention, ...names]),
  call: new Set([...tensorPolicy.call, ...names]),
  wording: {
    ...tensorPolicy.wording,
    opcode: (name) => `has the opcode ${name}, which the metadata of a checkpoint does not need`,
    global: (name) => `names ${name}, which the metadata of a checkpoint does not need`,
    called: (name, opcode) => `calls ${name} by ${opcode}, which the metadata of a checkpoint does not need`,
  },
};
