// One forked engine process: its start, its handshake, and why it ended. Everything asked of it after it is gone
// rejects with that reason.
import { fork, type ChildProcess } from 'node:child_process';
import { problem, ThreeGateError, type Problem } from '../../shared/errors.ts';
import {
  engineProtocolVersion,
  type EngineEvents,
  type EngineMethods,
} from '../../shared/protocol/engineProtocol.ts';
import { Endpoint, type None } from '../../shared/protocol/rpc.ts';
import { processChannel } from './processChannel.ts';

type EngineEndpoint = Endpoint<EngineMethods, None, None, EngineEvents>;

/** How much of the last words on stderr is kept for the reason of a crash. */
const stderrBytes = 4096;
const stderrLines = 3;

export class EngineChild {
  readonly endpoint: EngineEndpoint;
  /** Settles when the process has said hello; rejects with `engine-version` or `engine-crashed`. */
  readonly ready: Promise<void>;
  isGone = false;
  private readonly child: ChildProcess;
  private stderr = '';
  /** Why it is being ended on purpose; null while it should live. */
  private endedBy: Problem | null = null;

  /**
   * @param enginePath the built engine, `dist/engine.cjs`
   * @param environment beyond that of this process
   */
  constructor(enginePath: string, environment: Readonly<Record<string, string>>) {
    this.child = fork(enginePath, [], {
      serialization: 'advanced',
      // In desktop VS Code, execPath is Electron: without this a second editor would start.
      env: { ...process.env, ...environment, ELECTRON_RUN_AS_NODE: '1' },
      // Never the parent's: debugger ports would clash, and stdout belongs to `--json -`.
      // The engine says itself when gigabytes can go: to the garbage collector they are a handful of small objects.
      // Warnings of packages would be taken for its last words.
      execArgv: ['--expose-gc', '--no-warnings'],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr = (this.stderr + text).slice(-stderrBytes);
    });
    this.endpoint = new Endpoint(processChannel(this.child));
    this.child.on('error', (error) => {
      this.end(problem('engine-crashed', `The engine process could not be started: ${error.message}`));
    });
    // `close` follows `exit` when stderr is drained, so the last words are complete.
    this.child.on('close', (code, signal) => {
      this.end(this.endedBy ?? this.crash(code, signal));
    });
    this.ready = this.greet();
    // Whoever waits for it hears of the failure; nobody waiting is not an unhandled rejection.
    this.ready.catch(() => undefined);
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Ends the process at once; what is pending rejects with the reason. */
  kill(reason: Problem): void {
    this.endedBy = reason;
    this.child.kill('SIGKILL');
    this.end(reason);
  }

  private end(reason: Problem): void {
    this.isGone = true;
    this.endpoint.close(reason);
  }

  private async greet(): Promise<void> {
    const { protocol } = await this.endpoint.request('hello', { protocol: engineProtocolVersion });
    if (protocol === engineProtocolVersion) return;
    const message = `The engine speaks protocol ${protocol} and this client ${engineProtocolVersion}: they come from different builds of Three-Gate.`;
    const found = problem('engine-version', message);
    this.kill(found);
    throw ThreeGateError.from(found);
  }

  private crash(code: number | null, signal: NodeJS.Signals | null): Problem {
    const how = signal === null ? `ended with exit code ${code ?? 'unknown'}` : `was killed by ${signal}`;
    const memory = signal === 'SIGKILL' ? ' (the system may have run out of memory)' : '';
    const lines = this.stderr
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '');
    // A native crash ends in a stack of addresses; the line that says what happened stands above it.
    const telling = lines.filter((line) => /error|fatal|out of memory|abort/i.test(line));
    const words = (telling.length > 0 ? telling : lines).slice(-stderrLines);
    const last = words.length === 0 ? '' : `; its last words were: ${words.join(' | ')}`;
    return problem('engine-crashed', `The engine process ${how}${memory}${last}`);
  }
}
