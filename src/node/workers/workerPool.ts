// Lanes (`lane.ts`) that answer tasks in the order given, started as they are needed. Each holds up to two tasks, so that the
// next one waits at the worker and not the worker for it. A lane that goes down fails the tasks it held and is replaced.
import type { Lane, StartLane } from './lane.ts';

/** Thrown at the tasks of a lane that went down. */
export class WorkerDownError extends Error {
  override readonly name = 'WorkerDownError';
}

interface Job<Task, Answer> {
  task: Task;
  memory: readonly ArrayBuffer[];
  resolve: (answer: Answer) => void;
  reject: (reason: unknown) => void;
}

interface Member<Task, Answer> {
  lane: Lane<Task>;
  held: Map<number, Job<Task, Answer>>;
}

const tasksPerLane = 2;

export class WorkerPool<Task extends { id: number }, Answer extends { id: number }> {
  private readonly members: Member<Task, Answer>[] = [];
  private waiting: Job<Task, Answer>[] = [];
  private closed = false;

  constructor(
    private readonly startLane: StartLane<Task, Answer>,
    private readonly lanes: number,
  ) {}

  /** Of lanes that are processes. */
  get peakRssBytes(): number {
    return this.members.reduce((sum, { lane }) => sum + lane.peakRssBytes, 0);
  }

  /**
   * Hands `memory` over with the task. Rejects with the signal's reason as soon as it aborts; the answer of a task
   * already handed out is then dropped.
   */
  async run(task: Task, signal: AbortSignal, memory: readonly ArrayBuffer[] = []): Promise<Answer> {
    signal.throwIfAborted();
    if (this.closed) throw new WorkerDownError('the workers were closed');
    let abort = (): void => undefined;
    try {
      return await new Promise<Answer>((resolve, reject) => {
        const job: Job<Task, Answer> = { task, memory, resolve, reject };
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
      this.members.map(async ({ lane, held }) => {
        for (const job of held.values()) job.reject(down);
        await lane.end();
      }),
    );
  }

  private handOut(): void {
    for (;;) {
      const job = this.waiting[0];
      const member = job && this.memberWithRoom();
      if (job === undefined || member === undefined) return;
      this.waiting.shift();
      member.held.set(job.task.id, job);
      member.lane.send(job.task, job.memory);
    }
  }

  /** An idle one, a new one, or the one that holds least. */
  private memberWithRoom(): Member<Task, Answer> | undefined {
    const [least] = [...this.members].sort((one, other) => one.held.size - other.held.size);
    if (least?.held.size === 0) return least;
    if (this.members.length < this.lanes) return this.start();
    return least !== undefined && least.held.size < tasksPerLane ? least : undefined;
  }

  private start(): Member<Task, Answer> {
    const held = new Map<number, Job<Task, Answer>>();
    const lane = this.startLane({
      answered: (answer) => {
        held.get(answer.id)?.resolve(answer);
        held.delete(answer.id);
        this.handOut();
      },
      gone: (why) => {
        if (this.closed) return;
        this.members.splice(this.members.indexOf(member), 1);
        for (const job of held.values()) job.reject(new WorkerDownError(why));
        this.handOut();
      },
    });
    const member = { lane, held };
    this.members.push(member);
    return member;
  }
}

function reasonOf(signal: AbortSignal): Error {
  const reason: unknown = signal.reason;
  return reason instanceof Error ? reason : new Error(String(reason));
}
