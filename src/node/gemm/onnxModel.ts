// The smallest ONNX model: one Gemm node, C = op(A)·op(B) or C = op(A)·op(B) + D, all dimensions symbolic. Written by hand as protobuf
// (onnx.proto3: ModelProto, GraphProto, NodeProto) so that no model file needs to be shipped.

export type GemmElement = 'float32' | 'float64';

/** TensorProto.DataType */
const elementCode: Record<GemmElement, number> = { float32: 1, float64: 11 };
const irVersion = 8;
const opsetVersion = 13;
const intAttribute = 2;

/** What kind of product a model computes. */
export interface GemmKind {
  element: GemmElement;
  transA: boolean;
  transB: boolean;
  /** Whether there is a D to add. */
  adds: boolean;
}

/** Bytes of an ONNX model with inputs `A`, `B`, with `D` where it adds, and output `C`. */
export function gemmModel({ element, transA, transB, adds }: GemmKind): Uint8Array {
  const inputs = adds ? ['A', 'B', 'D'] : ['A', 'B'];
  const node = message(
    ...inputs.map((name) => text(1, name)),
    text(2, 'C'),
    text(4, 'Gemm'),
    nested(5, attribute('transA', transA)),
    nested(5, attribute('transB', transB)),
  );
  const graph = message(
    nested(1, node),
    text(2, 'gemm'),
    ...inputs.map((name) => nested(11, matrix(name, element))),
    nested(12, matrix('C', element)),
  );
  return Uint8Array.from(
    message(integer(1, irVersion), nested(7, graph), nested(8, message(integer(2, opsetVersion)))),
  );
}

function attribute(name: string, value: boolean): number[] {
  return message(text(1, name), integer(3, value ? 1 : 0), integer(20, intAttribute));
}

function matrix(name: string, element: GemmElement): number[] {
  const dimension = (axis: string): number[] => nested(1, text(2, `${name}${axis}`));
  const shape = message(dimension('rows'), dimension('columns'));
  const tensorType = message(integer(1, elementCode[element]), nested(2, shape));
  return message(text(1, name), nested(2, nested(1, tensorType)));
}

function message(...fields: number[][]): number[] {
  return fields.flat();
}

function integer(field: number, value: number): number[] {
  return [...varint(field << 3), ...varint(value)];
}

function nested(field: number, bytes: number[]): number[] {
  return [...varint((field << 3) | 2), ...varint(bytes.length), ...bytes];
}

function text(field: number, value: string): number[] {
  return nested(field, [...new TextEncoder().encode(value)]);
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  return [...bytes, rest];
}
