// A lane (`lane.ts`) as its worker sees it: tasks come one by one with the memory that they hand over, and every answer gives
// memory back. To a thread it came by transfer and goes back so; a process fills it from a pipe and keeps it for the next task.
import { readSync } from 'node:fs';
import { parentPort, type MessagePort } from 'node:worker_threads';
import { followParent } from './followParent.ts';
import { memoryDescriptor, type LaneMessage } from './lane.ts';

interface LanePort<Task, Answer> {
  /** Memory may be longer than what was sent. */
  listen(onTask: (task: Task, memory: readonly ArrayBuffer[]) => void): void;
  answer(answer: Answer, memory: readonly ArrayBuffer[]): void;
}

export function lanePort<Task, Answer>(): LanePort<Task, Answer> {
  return parentPort === null ? processPort() : threadPort(parentPort);
}

function threadPort<Task, Answer>(port: MessagePort): LanePort<Task, Answer> {
  return {
    listen(onTask) {
      port.on('message', ({ body, memory }: LaneMessage<Task>) => {
        onTask(body, memory as ArrayBuffer[]);
      });
    },
    answer(body, memory) {
      port.postMessage({ body, memory }, memory);
    },
  };
}

function processPort<Task, Answer>(): LanePort<Task, Answer> {
  const kept = new KeptBuffers();
  followParent();
  return {
    listen(onTask) {
      process.on('message', ({ body, memory }: LaneMessage<Task>) => {
        onTask(
          body,
          (memory as number[]).map((length) => received(kept.take(length), length)),
        );
      });
    },
    answer(body, memory) {
      kept.give(memory);
      // Kilobytes on every system that Node.js runs on.
      const peakRssBytes = process.resourceUsage().maxRSS * 1024;
      process.send?.({ body, memory: [], peakRssBytes });
    },
  };
}

/** Fills the first `length` bytes; ends this process where the other end has gone. */
function received(memory: ArrayBuffer, length: number): ArrayBuffer {
  const bytes = new Uint8Array(memory, 0, length);
  for (let at = 0; at < length;) {
    const count = readSync(memoryDescriptor, bytes, at, length - at, null);
    if (count === 0) process.exit(0);
    at += count;
  }
  return memory;
}

/** As many as a task hands over, and of each no more than is worth keeping: fresh memory costs as much as filling it. */
const mostKept = 2;
const mostKeptBytes = 17 << 22;

class KeptBuffers {
  private free: ArrayBuffer[] = [];

  take(length: number): ArrayBuffer {
    const at = this.free.findIndex(({ byteLength }) => byteLength >= length);
    return this.free.splice(at, at < 0 ? 0 : 1)[0] ?? new ArrayBuffer(length);
  }

  give(memory: readonly ArrayBuffer[]): void {
    const worthKeeping = memory.filter(({ byteLength }) => byteLength <= mostKeptBytes);
    this.free = [...this.free, ...worthKeeping]
      .sort((one, other) => other.byteLength - one.byteLength)
      .slice(0, mostKept);
  }
}
