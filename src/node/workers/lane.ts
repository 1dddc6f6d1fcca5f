// Where the work of a pool is done: a worker thread, or a process of its own where a library does not survive in a thread.
// Both are talked to alike: a message, and memory that goes with it and is used up. A thread takes the memory over; to a
// process it is written through a pipe, as a message that holds it would be copied four times.
import { fork, type ChildProcess } from 'node:child_process';
import { Worker, type WorkerOptions } from 'node:worker_threads';

/** What a lane and its worker send each other. */
export interface LaneMessage<Body> {
  body: Body;
  /** A process is told the lengths alone. */
  memory: readonly (ArrayBuffer | number)[];
  /** Highest resident set of a worker that is a process. */
  peakRssBytes?: number;
}

export interface Lane<Task> {
  /** Highest resident set so far of a process of its own; else 0. */
  readonly peakRssBytes: number;
  send(task: Task, memory: readonly ArrayBuffer[]): void;
  end(): Promise<void>;
}

interface LaneListener<Answer> {
  answered(answer: Answer): void;
  /** It will not answer any longer; told once. */
  gone(why: string): void;
}

export type StartLane<Task, Answer> = (listener: LaneListener<Answer>) => Lane<Task>;

export function threadLanes<Task, Answer>(script: string, options: WorkerOptions): StartLane<Task, Answer> {
  return (listener) => {
    const worker = new Worker(script, options);
    let failure = 'it ended on its own';
    worker.on('message', ({ body }: LaneMessage<Answer>) => {
      listener.answered(body);
    });
    worker.on('error', (error: Error) => {
      failure = error.message;
    });
    worker.on('exit', () => {
      listener.gone(failure);
    });
    return {
      peakRssBytes: 0,
      send(body, memory) {
        worker.postMessage({ body, memory }, memory);
      },
      async end() {
        await worker.terminate();
      },
    };
  };
}

/** Of the pipe that memory comes through, in the child. */
export const memoryDescriptor = 4;

export function processLanes<Task, Answer>(script: string, argv: readonly string[]): StartLane<Task, Answer> {
  return (listener) => {
    const child = fork(script, argv, {
      serialization: 'advanced',
      // In desktop VS Code, execPath is Electron: without this a second editor would start.
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
      execArgv: ['--expose-gc'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc', 'pipe'],
    });
    const ended = endOf(child).then((why) => {
      listener.gone(why);
    });
    let peak = 0;
    child.on('message', ({ body, peakRssBytes = 0 }: LaneMessage<Answer>) => {
      peak = peakRssBytes;
      listener.answered(body);
    });
    const pipe = child.stdio[memoryDescriptor] as NodeJS.WritableStream;
    // What is written to a process that has just gone is lost; its end is what is told.
    pipe.on('error', () => undefined);
    return {
      get peakRssBytes() {
        return peak;
      },
      send(body, memory) {
        child.send({ body, memory: memory.map(({ byteLength }) => byteLength) }, () => undefined);
        for (const buffer of memory) {
          pipe.write(new Uint8Array(buffer), () => {
            giveUp(buffer);
          });
        }
      },
      async end() {
        child.kill('SIGKILL');
        await ended;
      },
    };
  };
}

/** Detaches memory that others may still refer to, as handing it to a thread does. */
function giveUp(buffer: ArrayBuffer): void {
  structuredClone(buffer, { transfer: [buffer] });
}

/** Why it ended, in words that follow its name. */
function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.on('error', (error) => {
      resolve(`could not be started: ${error.message}`);
    });
    child.on('exit', (code, signal) => {
      resolve(signal === null ? `ended with exit code ${code ?? 'unknown'}` : `was killed by ${signal}`);
    });
  });
}
