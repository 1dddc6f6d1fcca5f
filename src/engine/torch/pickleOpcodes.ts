// Names of the pickle opcodes (Python's Lib/pickle.py, protocols 0–5), for the sentences that refuse them, and the
// closed list of names that a tensor file may mention.

const names: Readonly<Record<string, string>> = {
  '(': 'MARK',
  '.': 'STOP',
  '0': 'POP',
  '1': 'POP_MARK',
  '2': 'DUP',
  F: 'FLOAT',
  I: 'INT',
  J: 'BININT',
  K: 'BININT1',
  L: 'LONG',
  M: 'BININT2',
  N: 'NONE',
  P: 'PERSID',
  Q: 'BINPERSID',
  R: 'REDUCE',
  S: 'STRING',
  T: 'BINSTRING',
  U: 'SHORT_BINSTRING',
  V: 'UNICODE',
  X: 'BINUNICODE',
  a: 'APPEND',
  b: 'BUILD',
  c: 'GLOBAL',
  d: 'DICT',
  '}': 'EMPTY_DICT',
  e: 'APPENDS',
  g: 'GET',
  h: 'BINGET',
  i: 'INST',
  j: 'LONG_BINGET',
  l: 'LIST',
  ']': 'EMPTY_LIST',
  o: 'OBJ',
  p: 'PUT',
  q: 'BINPUT',
  r: 'LONG_BINPUT',
  s: 'SETITEM',
  t: 'TUPLE',
  ')': 'EMPTY_TUPLE',
  u: 'SETITEMS',
  G: 'BINFLOAT',
  B: 'BINBYTES',
  C: 'SHORT_BINBYTES',
  '\x80': 'PROTO',
  '\x81': 'NEWOBJ',
  '\x82': 'EXT1',
  '\x83': 'EXT2',
  '\x84': 'EXT4',
  '\x85': 'TUPLE1',
  '\x86': 'TUPLE2',
  '\x87': 'TUPLE3',
  '\x88': 'NEWTRUE',
  '\x89': 'NEWFALSE',
  '\x8a': 'LONG1',
  '\x8b': 'LONG4',
  '\x8c': 'SHORT_BINUNICODE',
  '\x8d': 'BINUNICODE8',
  '\x8e': 'BINBYTES8',
  '\x8f': 'EMPTY_SET',
  '\x90': 'ADDITEMS',
  '\x91': 'FROZENSET',
  '\x92': 'NEWOBJ_EX',
  '\x93': 'STACK_GLOBAL',
  '\x94': 'MEMOIZE',
  '\x95': 'FRAME',
  '\x96': 'BYTEARRAY8',
  '\x97': 'NEXT_BUFFER',
  '\x98': 'READONLY_BUFFER',
};

/** `INST (0x69)`; `an unknown opcode (0xff)`. */
export function opcodeName(code: number): string {
  const hex = `0x${code.toString(16).padStart(2, '0')}`;
  return `${names[String.fromCharCode(code)] ?? 'an unknown opcode'} (${hex})`;
}

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
export const allowedGlobals: ReadonlySet<string> = new Set([
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
export const callableGlobals: ReadonlySet<string> = new Set([
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

function spread(name: string, ...modules: string[]): string[] {
  return modules.map((module) => `${module}.${name}`);
}
