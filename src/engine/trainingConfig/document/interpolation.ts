// OmegaConf interpolations (`${a.b}`, `${.sibling}`, `${oc.select:key,default}`, `${oc.env:NAME,default}`) over a flat
// document. What is simple is resolved; anything else (custom resolvers, missing keys, cycles) stays as its text.
// Source: https://omegaconf.readthedocs.io/en/latest/usage.html#variable-interpolation
import type { ConfigScalar } from '../../../shared/report/training.ts';
import type { ConfigDocument, LocatedValue } from './configDocument.ts';
import { scalarFromText } from './scalarFromText.ts';

const maxDepth = 16;
const maxLength = 4096;
const simple = /\$\{([^${}]*)\}/;

/** Resolves every leaf of the document in place; `???` becomes null with `unresolved` set. */
export function resolveInterpolations(document: ConfigDocument): void {
  for (const leaf of document.values.values()) {
    if (typeof leaf.value !== 'string') continue;
    if (leaf.value === '???') {
      leaf.unresolved = '???';
      leaf.value = null;
    } else if (leaf.value.includes('${')) {
      const resolved = resolveLeaf(document, leaf, leaf.value, 0);
      if (resolved === null) leaf.unresolved = leaf.value;
      else leaf.value = resolved.value;
    }
  }
}

type Resolved = { value: ConfigScalar } | null;

function resolveLeaf(document: ConfigDocument, leaf: LocatedValue, text: string, depth: number): Resolved {
  let rest = text;
  for (let round = 0; round <= maxDepth; round++) {
    const match = simple.exec(rest);
    if (match === null) return rest.includes('${') ? null : { value: rest };
    const found = resolveReference(document, leaf.path, match[1] ?? '', depth);
    if (found === null) return null;
    if (match[0] === rest) {
      // The whole value is one reference: its type is kept.
      return found;
    }
    if (Array.isArray(found.value) || found.value === null) return null;
    rest = rest.slice(0, match.index) + String(found.value) + rest.slice(match.index + match[0].length);
    if (rest.length > maxLength) return null;
  }
  return null;
}

function resolveReference(
  document: ConfigDocument,
  from: string,
  reference: string,
  depth: number,
): Resolved {
  if (depth >= maxDepth) return null;
  const colon = reference.indexOf(':');
  if (colon === -1) return lookUp(document, from, reference.trim(), depth);
  const resolver = reference.slice(0, colon).trim();
  if (resolver !== 'oc.select' && resolver !== 'oc.env') return null;
  const comma = reference.indexOf(',', colon);
  const key = reference.slice(colon + 1, comma === -1 ? undefined : comma).trim();
  const selected = resolver === 'oc.select' ? lookUp(document, from, key, depth) : null;
  if (selected !== null) return selected;
  return comma === -1 ? null : { value: scalarFromText(reference.slice(comma + 1).trim()) };
}

function lookUp(document: ConfigDocument, from: string, reference: string, depth: number): Resolved {
  const target = document.get(absolutePath(from, reference));
  if (target?.unresolved !== null) return null;
  if (typeof target.value === 'string' && target.value.includes('${')) {
    return resolveLeaf(document, target, target.value, depth + 1);
  }
  return target.value === '???' ? null : { value: target.value };
}

/** `.x` is a sibling of the leaf, `..x` of its parent, and so on. */
function absolutePath(from: string, reference: string): string {
  const dots = /^\.*/.exec(reference)?.[0].length ?? 0;
  if (dots === 0) return reference;
  const parents = from.split('.').slice(0, -dots);
  return [...parents, reference.slice(dots)].join('.');
}
