// Worker threads that answer tasks in the order given. Each holds up to two, so that the next task waits at the worker
// and not the worker for the task. A worker that goes down fails the tasks it held and is replaced.
import { Worker, type WorkerOptions } from 'node:worker_threads';

/** Thrown at the tasks of a worker that went down. */
export class WorkerDownError extends Error {
  override readonly name = 'WorkerDownError';
}

interface Job<Task, Answer> {
  task: Task;
  transfer: readonly ArrayBuffer[];
  resolve: (answer: Answer) => void;
  reject: (reason: unknown) => void;
}

interface Thread<Task, Answer> {
  worker: Worker;
  held: Map<number, Job<Task, Answer>>;
}

const tasksPerWorker = 2;

export class WorkerPool<Task extends { id: number }, Answer extends { id: number }> {
  private readonly threads: Thread<Task, Answer>[];
  private waiting: Job<Task, Answer>[] = [];
  private readonly script: string;
  private readonly options: WorkerOptions;
  private closed = false;

  constructor(script: string, threads: number, options: WorkerOptions) {
    this.script = script;
    this.options = options;
    this.threads = Array.from({ length: threads }, () => this.start());
  }

  /**
   * Hands `transfer` over with the task. Rejects with the signal's reason as soon as it aborts; the answer of a task
   * already handed out is then dropped.
   */
  async run(task: Task, signal: AbortSignal, transfer: readonly ArrayBuffer[] = []): Promise<Answer> {
    signal.throwIfAborted();
    if (this.closed) throw new WorkerDownError('the workers were closed');
    let abort = (): void => undefined;
    try {
      return await new Promise<Answer>((resolve, reject) => {
        const job: Job<Task, Answer> = { task, transfer, resolve, reject };
        abort = () => {
          this.waiting = this.waiting.filter((other) => other !== job);
          reject(reasonOf(signal));
        };
        signal.addEventListener('abort', abort);
        this.waiting.push(job);
        this.handOut();
      });
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    const down = new WorkerDownError('the workers were closed');
    for (const job of this.waiting.splice(0)) job.reject(down);
    await Promise.all(
      this.threads.map(async ({ worker, held }) => {
        for (const job of held.values()) job.reject(down);
        await worker.terminate();
      }),
    );
  }

  private handOut(): void {
    for (;;) {
      const thread = this.threads.reduce((least, other) =>
        other.held.size < least.held.size ? other : least,
      );
      if (thread.held.size >= tasksPerWorker) return;
      const job = this.waiting.shift();
      if (job === undefined) return;
      thread.held.set(job.task.id, job);
      thread.worker.postMessage(job.task, job.transfer);
    }
  }

  private start(): Thread<Task, Answer> {
    const worker = new Worker(this.script, this.options);
    const thread: Thread<Task, Answer> = { worker, held: new Map() };
    let failure = 'it ended on its own';
    worker.on('message', (answer: Answer) => {
      const job = thread.held.get(answer.id);
      thread.held.delete(answer.id);
      job?.resolve(answer);
      this.handOut();
    });
    worker.on('error', (error: Error) => {
      failure = error.message;
    });
    worker.on('exit', () => {
      this.replace(thread, failure);
    });
    return thread;
  }

  private replace(thread: Thread<Task, Answer>, failure: string): void {
    if (this.closed) return;
    this.threads.splice(this.threads.indexOf(thread), 1, this.start());
    for (const job of thread.held.values()) job.reject(new WorkerDownError(failure));
    this.handOut();
  }
}

function reasonOf(signal: AbortSignal): Error {
  const reason: unknown = signal.reason;
  return reason instanceof Error ? reason : new Error(String(reason));
}
