// Calls what the editor offers to its extensions, through an extension of the tests (probe/).
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { buildSync, type BuildOptions } from 'esbuild';
import type { Workbench } from './workbench.ts';
import type { Workspace } from './workspace.ts';

const root = resolve(import.meta.dirname, '../../..');

export interface Asked {
  /** Null for the names of all. */
  tool: string | null;
  input: object;
  /** When the call is given up; null for never. */
  cancelAfterMs: number | null;
}

export interface Told {
  text?: string;
  tools?: string[];
  /** Message of what the call threw, and what kind of error it was. */
  error?: string;
  name?: string;
}

/** The probe as a VSIX, in a temporary folder. */
export function packProbe(): { vsix: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'three-gate-probe-'));
  const source = join(import.meta.dirname, 'probe');
  const common = {
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['vscode'],
  } satisfies BuildOptions;
  buildSync({
    ...common,
    entryPoints: [join(source, 'extension.ts')],
    outfile: join(folder, 'extension.cjs'),
  });
  cpSync(join(source, 'package.json'), join(folder, 'package.json'));
  const vsix = join(folder, 'probe.vsix');
  const flags = ['--skip-license', '--allow-missing-repository', '--no-dependencies', '--out', vsix];
  const vsce = join(root, 'node_modules/@vscode/vsce/vsce');
  execFileSync(process.execPath, [vsce, 'package', ...flags], { cwd: folder, stdio: 'ignore' });
  return {
    vsix,
    remove: () => {
      rmSync(folder, { recursive: true });
    },
  };
}

export class Probe {
  private readonly folder: string;

  constructor(
    workspace: Workspace,
    private readonly workbench: Workbench,
  ) {
    this.folder = join(workspace.path, '.probe');
  }

  /** Starts a call; `answer` waits for its end. */
  async call(tool: string | null, input: object = {}, cancelAfterMs: number | null = null): Promise<void> {
    const asked: Asked = { tool, input, cancelAfterMs };
    mkdirSync(this.folder, { recursive: true });
    rmSync(join(this.folder, 'answer.json'), { force: true });
    writeFileSync(join(this.folder, 'request.json'), JSON.stringify(asked));
    await this.workbench.command('Probe: Call');
  }

  async answer(): Promise<Told> {
    const path = join(this.folder, 'answer.json');
    const deadline = Date.now() + 60_000;
    while (!existsSync(path)) {
      if (Date.now() > deadline) throw new Error('The probe did not answer within a minute.');
      await new Promise((wake) => setTimeout(wake, 100));
    }
    return JSON.parse(readFileSync(path, 'utf8')) as Told;
  }

  async ask(tool: string | null, input: object = {}): Promise<Told> {
    await this.call(tool, input);
    return this.answer();
  }
}
