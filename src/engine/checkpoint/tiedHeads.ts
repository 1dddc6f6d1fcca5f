// Tied embeddings: a head that one side does not store because it is that side's embedding matrix.
import type { Checkpoint, StoredTensor } from './checkpoint.ts';
import { canonicalName, moduleKind } from './tensorNames.ts';

interface TiedHead {
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
  return unmatched.filter(isHead).flatMap((head) => {
    const columns = owner.tensors.get(head)?.shape[1];
    const embedding = columns === undefined ? null : tiedEmbedding(other, columns);
    return embedding === null ? [] : [{ head, embedding: embedding.name }];
  });
}

/** The embeddings that a checkpoint without a head has in its place; of a given width, where one is given. */
export function tiedEmbedding(checkpoint: Checkpoint, columns?: number): StoredTensor | null {
  const { tensors, unreadable, problems, tiesEmbeddings } = checkpoint;
  const ownHead = [...tensors.keys(), ...unreadable.map(({ name }) => name)].some(isHead);
  const lostShard = problems.some(({ code }) => code === 'shard-missing');
  if (tiesEmbeddings === false || ownHead || (lostShard && tiesEmbeddings !== true)) return null;
  const embeddings = [...tensors.values()].filter(
    ({ name, shape }) =>
      shape.length === 2 && (columns === undefined || shape[1] === columns) && isTokenEmbedding(name),
  );
  const [embedding] = embeddings;
  return embedding === undefined || embeddings.length > 1 ? null : embedding;
}

export function isTokenEmbedding(name: string): boolean {
  return tokenEmbedding.test(canonicalName(name));
}

export function isHead(name: string): boolean {
  return name.endsWith('.weight') && moduleKind(name) === 'head';
}
