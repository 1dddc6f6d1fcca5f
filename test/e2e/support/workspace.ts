// Workspaces for end-to-end tests: throw-away copies of the nano fixtures, so that a test may break what it opens.
import { cpSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { mkdirSync } from 'node:fs';

const fixtures = join(import.meta.dirname, '../../fixtures/nano');

export class Workspace {
  readonly path: string;

  constructor() {
    this.path = realpathSync(mkdtempSync(join(tmpdir(), 'three-gate-workspace-')));
    cpSync(fixtures, this.path, { recursive: true });
  }

  write(path: string, content: string | Uint8Array): void {
    const target = join(this.path, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, content);
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
