// Whether a text of a config stands where a model is named: by its key on the line, or by the key that a nested or listed
// value belongs to. Line by line, in YAML, JSON, TOML and shell alike. No vscode here.

/** Last part of the key, in small letters with underscores. */
const modelKeys = new Set([
  '_name_or_path',
  'name_or_path',
  'base_model',
  'base_model_name',
  'base_model_name_or_path',
  'model',
  'model_id',
  'model_name',
  'model_name_or_path',
  'model_path',
  'partial_pretrain',
  'pretrain',
  'pretrained_model_name_or_path',
  'pretrained_model_path',
  'ref_model',
  'ref_model_name_or_path',
  'ref_model_path',
  'ref_pretrain',
  'reference_model',
]);
/** Keys that name a model only within a block named `model`. */
const nestedKeys = new Set(['path', 'name', 'id']);
/** Lines that are looked through for the key of a block. */
const farthestLine = 50;

/**
 * @param lines of the document
 * @param start column of the text itself, without quotes
 */
export function namesModel(lines: (line: number) => string, line: number, start: number): boolean {
  const before = lines(line).slice(0, start).replace(/["']$/, '');
  const key = keyBefore(before);
  // A list's item, in a list by itself or on a line of its own.
  if (key === null) return /^[\s\-[,"']*$/.test(before) && isModelKey(parentOf(lines, line));
  if (isModelKey(key)) return true;
  return nestedKeys.has(lastOf(key)) && lastOf(parentKey(key) ?? parentOf(lines, line) ?? '') === 'model';
}

/** `actor_rollout_ref.model.path=`, `"base_model": `, `--model `, `- base_model: [` */
function keyBefore(text: string): string | null {
  return /([+-]*[\w.][\w.+-]*)["']?\s*(?:[:=]\s*\[?|\s)\s*$/.exec(text)?.[1] ?? null;
}

/** The key of the block that a line lies in: a section of TOML, or the nearest line above that is indented less and opens one. */
function parentOf(lines: (line: number) => string, line: number): string | null {
  const own = indentOf(lines(line));
  const isItem = /^\s*-/.test(lines(line));
  for (let at = line - 1; at >= Math.max(0, line - farthestLine); at -= 1) {
    const text = lines(at);
    if (text.trim() === '' || (isItem && /^\s*-/.test(text))) continue;
    const section = /^\s*\[([\w.+-]+)\]\s*$/.exec(text)?.[1];
    if (section !== undefined) return section;
    const indent = indentOf(text);
    // YAML writes the items of a list as far in as their key.
    if (indent < own || (isItem && indent === own)) {
      return /([\w.+-]+)["']?\]?\s*[:=]?\s*[[{]?\s*$/.exec(text)?.[1] ?? null;
    }
  }
  return null;
}

function indentOf(text: string): number {
  return text.length - text.trimStart().length;
}

/** Of `actor.model.path`, `model`. */
function parentKey(key: string): string | null {
  return /([^.]+)\.[^.]+$/.exec(key)?.[1] ?? null;
}

function lastOf(key: string): string {
  return key
    .replace(/^.*\./, '')
    .replace(/^[+-]+/, '')
    .replaceAll('-', '_')
    .toLowerCase();
}

function isModelKey(key: string | null): boolean {
  return key !== null && modelKeys.has(lastOf(key));
}
