// A double of the Hub in a process of its own, so that what sending takes can be told from what reading takes.
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { HubDouble } from '../support/hubDouble.ts';

/** Folders by the repositories they are served as. */
type Served = Record<string, string>;

export class HubProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly endpoint: string,
  ) {}

  static async start(served: Served): Promise<HubProcess> {
    const child = fork(import.meta.filename, [JSON.stringify(served)], { execArgv: ['--import', 'tsx'] });
    const [endpoint] = (await once(child, 'message')) as [string];
    return new HubProcess(child, endpoint);
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Of bodies of range reads, since this was last asked. */
  async bytesSent(): Promise<number> {
    this.child.send('bytesSent');
    const [bytes] = (await once(this.child, 'message')) as [number];
    return bytes;
  }

  async close(): Promise<void> {
    const gone = once(this.child, 'exit');
    this.child.kill();
    await gone;
  }
}

async function serve(served: Served): Promise<void> {
  const hub = await HubDouble.start();
  for (const [name, folder] of Object.entries(served)) hub.add(name, folder);
  process.on('message', () => {
    process.send?.(hub.bytesSent);
    hub.bytesSent = 0;
  });
  process.on('disconnect', () => process.exit());
  process.send?.(hub.endpoint);
}

if (process.argv[1] === import.meta.filename) await serve(JSON.parse(process.argv[2] ?? '{}') as Served);
