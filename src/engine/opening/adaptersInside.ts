// Adapters that lie in the folder of whole weights, unmerged: trainers leave them there beside weights that may be the
// base's own. A bounded look by names alone.
import type { FileSystem } from '../files/fileSystem.ts';

const configName = 'adapter_config.json';
const maxDepth = 2;
const maxFolders = 200;
/** Trainers put merged weights in `huggingface/` beside the adapter (verl). */
const besides: Readonly<Record<string, string>> = { huggingface: '../lora_adapter' };
/** Names with these endings are files. */
const fileEnding = /\.[A-Za-z]\w{0,11}$/;

/** Absolute paths of folders with an adapter_config.json, `folder` itself included; nearest first. */
export async function adaptersInside(fileSystem: FileSystem, folder: string): Promise<string[]> {
  const found: string[] = [];
  const namesIn = (path: string): Promise<string[]> => fileSystem.list(path).catch((): string[] => []);
  const beside = besides[fileSystem.basename(folder)];
  let level = [folder];
  let folders = 0;
  for (let depth = 0; depth <= maxDepth && level.length > 0; depth += 1) {
    const next: string[] = [];
    for (const path of level) {
      folders += 1;
      if (folders > maxFolders) return found;
      const names = await namesIn(path);
      if (names.includes(configName)) found.push(path);
      const below = names.filter((name) => !name.startsWith('.') && !fileEnding.test(name));
      next.push(...below.map((name) => fileSystem.resolve(path, name)));
    }
    level = next;
  }
  if (beside !== undefined) {
    const path = fileSystem.resolve(folder, beside);
    const names = await namesIn(path);
    if (names.includes(configName)) found.push(path);
  }
  return found;
}
