// A config file of any known format as a ConfigDocument, chosen by its name.
import type { FileSystem } from '../files/fileSystem.ts';
import type { ConfigDocument } from './document/configDocument.ts';
import { readJson } from './document/jsonDocument.ts';
import { readShell } from './document/shellDocument.ts';
import { readToml } from './document/tomlDocument.ts';
import { readYaml } from './document/yamlDocument.ts';
import { evidenceOf } from './readers/readers.ts';

export const maxConfigBytes = 8 * 1024 * 1024;

export type ConfigFormat = 'yaml' | 'json' | 'toml' | 'shell';

/** Null for a name that is no config format of ours. */
export function formatOf(name: string): ConfigFormat | null {
  if (/\.ya?ml$/i.test(name)) return 'yaml';
  if (/\.json$/i.test(name)) return 'json';
  if (/\.toml$/i.test(name)) return 'toml';
  return /\.(sh|bash)$/i.test(name) ? 'shell' : null;
}

export function parseConfig(file: string, text: string, format: ConfigFormat): ConfigDocument {
  // Editors do not count a byte-order mark as a column.
  const body = text.replace(/^\uFEFF/, '');
  switch (format) {
    case 'yaml': {
      const document = readYaml(file, body);
      return document.unwrapped() ?? document;
    }
    case 'json':
      return readJson(file, body);
    case 'toml':
      return readToml(file, body);
    case 'shell':
      return readShell(file, body, evidenceOf);
  }
}

export async function openDocument(
  fileSystem: FileSystem,
  file: string,
  format: ConfigFormat,
): Promise<ConfigDocument> {
  return parseConfig(file, await fileSystem.readText(file, maxConfigBytes), format);
}
