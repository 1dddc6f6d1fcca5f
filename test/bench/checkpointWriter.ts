// Writes a sharded bf16 checkpoint whose tensors come row by row: the headers are known from the shapes beforehand, so
// nothing is held but the rows on their way.
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { TensorShape } from './modelShapes.ts';

const bufferBytes = 1 << 22;

interface Shard {
  file: string;
  tensors: TensorShape[];
}

export class CheckpointWriter {
  private readonly folder: string;
  private readonly shards: Shard[];
  private readonly buffer = new Uint8Array(bufferBytes);
  private buffered = 0;
  private open: { shard: Shard; handle: number } | null = null;

  constructor(folder: string, tensors: readonly TensorShape[], shardBytes: number) {
    this.folder = folder;
    this.shards = planShards(tensors, shardBytes);
    mkdirSync(folder, { recursive: true });
    if (this.shards.length === 1) return;
    const weightMap: Record<string, string> = {};
    for (const { file, tensors: held } of this.shards) for (const { name } of held) weightMap[name] = file;
    const total = tensors.reduce((sum, tensor) => sum + bytesOf(tensor), 0);
    this.text('model.safetensors.index.json', { metadata: { total_size: total }, weight_map: weightMap });
  }

  /** Writes a value as JSON, or text as it is, beside the shards. */
  text(name: string, content: string | Record<string, unknown>): void {
    const text = typeof content === 'string' ? content : `${JSON.stringify(content, null, 2)}\n`;
    writeFileSync(join(this.folder, name), text);
  }

  /** Rows must come tensor by tensor, in the order given at construction. */
  row(tensor: TensorShape, bits: Uint16Array): void {
    if (!this.open?.shard.tensors.includes(tensor)) this.next(tensor);
    const bytes = new Uint8Array(bits.buffer, bits.byteOffset, bits.byteLength);
    for (let done = 0; done < bytes.length;) {
      const part = bytes.subarray(done, done + bufferBytes - this.buffered);
      this.buffer.set(part, this.buffered);
      this.buffered += part.length;
      done += part.length;
      if (this.buffered === bufferBytes) this.flush();
    }
  }

  close(): void {
    this.flush();
    if (this.open) closeSync(this.open.handle);
    this.open = null;
  }

  private next(tensor: TensorShape): void {
    this.close();
    const shard = this.shards.find(({ tensors }) => tensors.includes(tensor));
    if (shard === undefined) throw new Error(`${tensor.name} belongs to no shard.`);
    this.open = { shard, handle: openSync(join(this.folder, shard.file), 'w') };
    writeSync(this.open.handle, headerOf(shard.tensors));
  }

  private flush(): void {
    if (this.open && this.buffered > 0) writeSync(this.open.handle, this.buffer, 0, this.buffered);
    this.buffered = 0;
  }
}

function bytesOf({ shape }: TensorShape): number {
  return 2 * shape.reduce((product, size) => product * size, 1);
}

function planShards(tensors: readonly TensorShape[], shardBytes: number): Shard[] {
  const groups: TensorShape[][] = [];
  let group: TensorShape[] = [];
  let room = 0;
  for (const tensor of tensors) {
    if (groups.length === 0 || bytesOf(tensor) > room) {
      group = [];
      groups.push(group);
      room = shardBytes;
    }
    group.push(tensor);
    room -= bytesOf(tensor);
  }
  const number = (i: number): string => String(i).padStart(5, '0');
  return groups.map((held, i) => ({
    file:
      groups.length === 1
        ? 'model.safetensors'
        : `model-${number(i + 1)}-of-${number(groups.length)}.safetensors`,
    tensors: held,
  }));
}

function headerOf(tensors: readonly TensorShape[]): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } };
  let offset = 0;
  for (const tensor of tensors) {
    const end = offset + bytesOf(tensor);
    header[tensor.name] = { dtype: 'BF16', shape: tensor.shape, data_offsets: [offset, end] };
    offset = end;
  }
  const text = JSON.stringify(header);
  // Data starts at a multiple of eight.
  const json = new TextEncoder().encode(text.padEnd(Math.ceil(text.length / 8) * 8));
  const bytes = new Uint8Array(8 + json.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
}
