// A cheap, bounded look through a folder tree for checkpoints: names and sizes only, no header is read.
import type { FileSystem } from '../files/fileSystem.ts';
import { classifyFolder } from '../formats/folderContent.ts';
import type { FolderContent } from '../formats/folderContent.ts';
import { compareNaturally } from '../files/naturalOrder.ts';

interface ScanLimits {
  /** Levels below the root; 0 looks at the root alone. */
  maxDepth: number;
  /** Names looked at in all. */
  maxEntries: number;
  maxResults: number;
}

interface FoundCheckpoint {
  /** Absolute path to open. */
  path: string;
  /** `file`: one of several unrelated .safetensors files in a folder; `torch`: files of torch, whole or in parts. */
  kind: 'single' | 'indexed' | 'series' | 'file' | 'adapter' | 'torch';
  /** Levels below the root. */
  depth: number;
}

interface ScanResult {
  /** Nearest to the root first, then by name. */
  found: FoundCheckpoint[];
  /** False when a limit ended the scan. */
  complete: boolean;
}

export const defaultScanLimits: Readonly<ScanLimits> = { maxDepth: 5, maxEntries: 20_000, maxResults: 200 };

const skippedFolders = new Set(['node_modules', '__pycache__', 'site-packages', 'venv', 'wandb', 'blobs']);
/** Names with these endings are taken for files without asking the file system. */
const fileEnding =
  /\.(?:safetensors|json|jsonl|txt|md|py|ts|js|mjs|cjs|map|ya?ml|toml|bin|pt|pth|ckpt|model|png|jpe?g|svg|log|csv|ipynb|lock|gz|zip|so|c|h|cc|cpp|cu|rs|go|java|html|css|sh)$/i;

/** An unreadable folder is passed over: a scan is an offer, not a report. */
export async function scanForCheckpoints(
  fileSystem: FileSystem,
  root: string,
  limits: ScanLimits = defaultScanLimits,
): Promise<ScanResult> {
  const found: FoundCheckpoint[] = [];
  let entries = 0;
  let level = [root];
  for (let depth = 0; depth <= limits.maxDepth && level.length > 0; depth += 1) {
    const next: string[] = [];
    for (const folder of level) {
      const names = await fileSystem.list(folder).catch(() => []);
      entries += names.length;
      found.push(...checkpointsIn(fileSystem, folder, classifyFolder(names), depth));
      if (entries > limits.maxEntries || found.length >= limits.maxResults) {
        return { found: found.slice(0, limits.maxResults), complete: false };
      }
      if (depth < limits.maxDepth) next.push(...(await subfolders(fileSystem, folder, names)));
    }
    level = next;
  }
  return { found, complete: true };
}

function checkpointsIn(
  fileSystem: FileSystem,
  folder: string,
  content: FolderContent,
  depth: number,
): FoundCheckpoint[] {
  switch (content.kind) {
    case 'single':
    case 'indexed':
    case 'series':
    case 'adapter':
      return [{ path: folder, kind: content.kind, depth }];
    case 'slices':
      return [{ path: folder, kind: 'series', depth }];
    case 'combined':
      return content.files.map((name) => ({ path: fileSystem.resolve(folder, name), kind: 'file', depth }));
    case 'torch':
    case 'torchIndexed':
    case 'ranks':
    case 'deepspeed':
    case 'distributed':
      return [{ path: folder, kind: 'torch', depth }];
    case 'pickle':
    case 'foreign':
    case 'none':
      return [];
  }
}

async function subfolders(
  fileSystem: FileSystem,
  folder: string,
  names: readonly string[],
): Promise<string[]> {
  const candidates = names
    .filter((name) => !name.startsWith('.') && !skippedFolders.has(name) && !fileEnding.test(name))
    .sort(compareNaturally);
  const statuses = await Promise.all(
    candidates.map(async (name) => {
      const path = fileSystem.resolve(folder, name);
      const status = await fileSystem.stat(path).catch(() => null);
      return status?.kind === 'directory' ? path : null;
    }),
  );
  return statuses.filter((path) => path !== null);
}
