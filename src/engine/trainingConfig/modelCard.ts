// What a model card (README.md) says about its run: library versions, the algorithm in its tags, and axolotl's config,
// which axolotl embeds whole. Source: trl/templates/lm_model_card.md, transformers/modelcard.py, axolotl's model cards.
import { readYaml } from './document/yamlDocument.ts';
import type { ConfigDocument } from './document/configDocument.ts';

interface ModelCard {
  versions: Map<string, string>;
  algorithm: string | null;
  baseModel: string | null;
  /** The axolotl config inside the card; its places are the card's lines. */
  axolotl: ConfigDocument | null;
}

const algorithms = ['grpo', 'rloo', 'ppo', 'dpo', 'kto', 'orpo', 'sft'];

export function readModelCard(file: string, text: string): ModelCard {
  const versions = new Map<string, string>();
  for (const match of text.matchAll(
    /^- (TRL|Transformers|PEFT|Pytorch|PyTorch|Datasets):?\s+v?(\d[\w.+]*)/gm,
  )) {
    versions.set((match[1] ?? '').toLowerCase(), match[2] ?? '');
  }
  const front = /^---\r?\n([\s\S]*?)\r?\n---/.exec(text)?.[1] ?? '';
  const card = readYaml(file, front);
  const tags = card.get('tags')?.value;
  const base = card.get('base_model')?.value;
  const version = /axolotl version: `([\w.+]+)`/.exec(text)?.[1];
  if (version !== undefined) versions.set('axolotl', version);
  return {
    versions,
    algorithm: Array.isArray(tags) ? (algorithms.find((name) => tags.includes(name)) ?? null) : null,
    baseModel: typeof base === 'string' ? base : null,
    axolotl: axolotlBlock(file, text),
  };
}

function axolotlBlock(file: string, text: string): ConfigDocument | null {
  const heading = text.search(/See axolotl config/i);
  if (heading === -1) return null;
  const open = /```ya?ml\r?\n/g;
  open.lastIndex = heading;
  const start = open.exec(text);
  if (start === null) return null;
  const from = start.index + start[0].length;
  const end = text.indexOf('```', from);
  // Empty lines before the block keep the card's line numbers.
  const before = text.slice(0, from).replace(/[^\n]/g, '');
  return readYaml(file, before + text.slice(from, end === -1 ? undefined : end));
}
