// Tied embeddings: a head that one side does not store because it is that side's embedding matrix.
import type { Checkpoint } from './checkpoint.ts';
import { canonicalName, moduleKind } from './tensorNames.ts';

export interface TiedHead {
  /** The head's name where it is stored. */
  head: string;
  /** The embedding's name on the side that lacks the head. */
  embedding: string;
}

const tokenEmbedding = /(?:^|\.)(?:embed_tokens|embed_in|tok_embeddings|wte|word_embeddings|shared)\.weight$/;

/**
 * The heads among `unmatched` (names of `owner`) that `other` stores as its embeddings. None when `other` says that it
 * does not tie, has a head of its own, lost a shard that may hold one, or has no single embedding of that width.
 */
export function findTiedHeads(
  owner: Checkpoint,
  other: Checkpoint,
  unmatched: readonly string[],
): TiedHead[] {
  const ownHead = [...other.tensors.keys(), ...other.unreadable.map(({ name }) => name)].some(isHead);
  const lostShard = other.problems.some(({ code }) => code === 'shard-missing');
  if (other.tiesEmbeddings === false || ownHead || (lostShard && other.tiesEmbeddings !== true)) return [];
  return unmatched.filter(isHead).flatMap((head) => {
    const columns = owner.tensors.get(head)?.shape[1];
    const embeddings = [...other.tensors.values()].filter(
      ({ name, shape }) =>
        shape.length === 2 && shape[1] === columns && tokenEmbedding.test(canonicalName(name)),
    );
    const [embedding] = embeddings;
    return embedding === undefined || embeddings.length > 1 ? [] : [{ head, embedding: embedding.name }];
  });
}

function isHead(name: string): boolean {
  return name.endsWith('.weight') && moduleKind(name) === 'head';
}
