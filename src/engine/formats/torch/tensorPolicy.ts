// What a file of tensors may say in its pickle: a closed list of opcodes and of names. Anything else ends the reading.
import { opcodesNamed, plainOpcodes } from '../../files/pickle/opcodes.ts';
import type { PicklePolicy } from '../../files/pickle/policy.ts';

const dtypeNames = [
  'float32 float64 float16 bfloat16 int64 int32 int16 int8 uint8 bool uint16 uint32 uint64',
  'complex64 complex128 float8_e4m3fn float8_e5m2 float8_e4m3fnuz float8_e5m2fnuz float8_e8m0fnu',
].flatMap((line) => line.split(' '));

const storageNames =
  'Float Double Half BFloat16 Long Int Short Char Byte Bool ComplexFloat ComplexDouble'.split(' ');

/** Classes of DTensor's bookkeeping, by every module that a release from 2.1 on has kept them in. */
const distributed = [
  ...spread(
    'DTensor',
    'torch.distributed.tensor',
    'torch.distributed.tensor._api',
    'torch.distributed._tensor',
  ),
  ...spread('DTensor', 'torch.distributed._tensor.api'),
  ...['DTensorSpec', 'TensorMeta', 'ShardOrderEntry'].flatMap((name) =>
    spread(
      name,
      'torch.distributed.tensor._dtensor_spec',
      'torch.distributed._tensor._dtensor_spec',
      'torch.distributed._tensor.placement_types',
    ),
  ),
  ...['Shard', 'Replicate', 'Partial', '_Partial', '_StridedShard'].flatMap((name) =>
    spread(name, 'torch.distributed.tensor.placement_types', 'torch.distributed._tensor.placement_types'),
  ),
  ...spread('DeviceMesh', 'torch.distributed.device_mesh', 'torch.distributed._tensor.device_mesh'),
  ...spread('_MeshLayout', 'torch.distributed._mesh_layout'),
  ...spread('_FlatLayout', 'torch.distributed._mesh_layout'),
];

/** Every global that may be mentioned. Those of `callable` may also stand before REDUCE or NEWOBJ. */
const allowedGlobals: ReadonlySet<string> = new Set([
  'collections.OrderedDict',
  'torch._utils._rebuild_tensor_v2',
  'torch._utils._rebuild_tensor_v3',
  'torch._utils._rebuild_parameter',
  'torch._utils._rebuild_wrapper_subclass',
  'torch._tensor._rebuild_from_type_v2',
  'torch.serialization._get_layout',
  'torch.Size',
  'torch.device',
  'torch.storage.UntypedStorage',
  'torch.storage.TypedStorage',
  ...storageNames.map((name) => `torch.${name}Storage`),
  ...dtypeNames.map((name) => `torch.${name}`),
  ...distributed,
]);

/** A DTensor is only ever made through `_rebuild_from_type_v2`, storages and dtypes are only mentioned. */
const callableGlobals: ReadonlySet<string> = new Set([
  'collections.OrderedDict',
  'torch._utils._rebuild_tensor_v2',
  'torch._utils._rebuild_tensor_v3',
  'torch._utils._rebuild_parameter',
  'torch._tensor._rebuild_from_type_v2',
  'torch.serialization._get_layout',
  'torch.Size',
  'torch.device',
  ...distributed.filter((name) => !name.endsWith('.DTensor')),
]);

export const tensorPolicy: PicklePolicy = {
  opcodes: opcodesNamed(`${plainOpcodes} LONG4 BINUNICODE8 STACK_GLOBAL BINPERSID`),
  mention: allowedGlobals,
  call: callableGlobals,
  others: 'refuse',
  forbidden: null,
  limits: {
    opcodes: 50_000_000,
    memo: 10_000_000,
    depth: 100,
    marks: 100,
    stack: 50_000_000,
    text: Number.MAX_SAFE_INTEGER,
  },
  wording: {
    refusal: (path, what) => `${path} is refused: its pickle ${what}.`,
    opcode: (name) => `has the opcode ${name}, which a tensor file does not need`,
    global: (name) => `names ${name}, which a tensor file does not need`,
    called: (name, opcode) => `calls ${name} by ${opcode}, which a tensor file does not need`,
    ended: (bytes) => `ends after ${bytes} bytes in the middle of an opcode`,
  },
};

function spread(name: string, ...modules: string[]): string[] {
  return modules.map((module) => `${module}.${name}`);
}
