// The closed set of things that can go wrong, and the one error class that carries them across every boundary.
// A Problem is one sentence for the user: it names the file, the tensor and the limit, never a stack trace.

export type ProblemCode =
  // reading a checkpoint
  | 'not-found'
  | 'not-a-checkpoint'
  | 'access-denied'
  | 'read-failed'
  | 'git-lfs-pointer'
  | 'html-page'
  | 'header-too-small'
  | 'header-too-large'
  | 'header-length'
  | 'header-utf8'
  | 'header-json'
  | 'header-entry'
  | 'header-duplicate'
  | 'header-offset'
  | 'header-overflow'
  | 'header-alignment'
  | 'header-span'
  | 'file-truncated'
  | 'file-trailing-bytes'
  | 'file-changed'
  | 'index-json'
  | 'shard-path'
  | 'shard-missing'
  | 'shard-extra'
  | 'shard-tensor-missing'
  // comparing two checkpoints
  | 'dtype-unsupported'
  | 'dtype-scale-missing'
  | 'packed-weights'
  | 'non-finite'
  | 'shape-mismatch'
  | 'only-in-base'
  | 'only-in-tuned'
  | 'name-ambiguous'
  | 'layout-unknown'
  | 'empty-tensor'
  | 'not-numeric'
  | 'nothing-to-compare'
  | 'not-selected'
  | 'not-sampled'
  // a patch of a checkpoint
  | 'wrong-base'
  // computing
  | 'out-of-memory'
  | 'not-converged'
  | 'gemm-unavailable'
  | 'gemm-self-check'
  | 'cancelled'
  | 'engine-crashed'
  | 'engine-version'
  // configuration and logs
  | 'config-syntax'
  | 'config-value'
  | 'config-unreadable'
  | 'log-unreadable'
  // PyTorch's own files
  | 'pickle-refused'
  | 'archive-refused'
  | 'tensor-layout'
  // adapters
  | 'adapter-unsupported'
  | 'adapter-base-rewritten'
  | 'adapter-unplaced'
  | 'adapter-empty'
  | 'adapter-no-effect'
  | 'adapter-inside'
  // an analysis in shards
  | 'shard-unfinished'
  | 'shard-refused'
  | 'scheduler'
  // what lies elsewhere
  | 'remote-failed'
  /** By who serves it. */
  | 'remote-denied'
  /** By the user, or in Restricted Mode. */
  | 'remote-not-allowed'
  | 'remote-changed'
  | 'remote-cost'
  // the user's own call
  | 'usage'
  /** Of a name that no analysis has. */
  | 'no-report'
  | 'internal';

export interface Problem {
  code: ProblemCode;
  /** One sentence, complete in itself: names the file and tensor it is about. */
  message: string;
  file: string | null;
  tensor: string | null;
}

/** What a Problem may say beyond its code and sentence. */
interface ProblemPlace {
  file?: string;
  tensor?: string;
}

export function problem(code: ProblemCode, message: string, place: ProblemPlace = {}): Problem {
  return { code, message, file: place.file ?? null, tensor: place.tensor ?? null };
}

/** The only error that is meant to reach a user. Anything else thrown is a defect and becomes `internal`. */
export class ThreeGateError extends Error {
  override readonly name = 'ThreeGateError';
  readonly problem: Problem;

  constructor(code: ProblemCode, message: string, place: ProblemPlace = {}) {
    super(message);
    this.problem = problem(code, message, place);
  }

  static from(found: Problem): ThreeGateError {
    return new ThreeGateError(found.code, found.message, {
      ...(found.file === null ? {} : { file: found.file }),
      ...(found.tensor === null ? {} : { tensor: found.tensor }),
    });
  }
}

/** The Problem behind anything that was thrown. */
export function asProblem(thrown: unknown): Problem {
  if (thrown instanceof ThreeGateError) return thrown.problem;
  return problem('internal', thrown instanceof Error ? thrown.message : String(thrown));
}
