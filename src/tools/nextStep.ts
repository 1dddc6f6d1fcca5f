// What a model that called a tool can do about each thing that goes wrong.
import type { ProblemCode } from '../shared/errors.ts';

const fetchAgain = 'the file is damaged or not whole; ask the user to fetch or save it again.';
const otherFile = 'inspect_checkpoint shows what is there; name another path.';
const elsewhere = 'tell the user; nothing can be read from there until it is changed.';
const report = 'this is a fault of Three-Gate; tell the user, and try again once.';

const steps: Readonly<Record<ProblemCode, string>> = {
  'not-found': 'call list_checkpoints for paths that exist.',
  'not-a-checkpoint': 'call list_checkpoints for folders that hold one.',
  'access-denied':
    'name a path within the folders that were opened (list_checkpoints names them), or ask the user to open another one or to start the server with --root FOLDER.',
  'read-failed': 'ask the user to look at the file; the disk or its rights may be at fault.',
  'git-lfs-pointer': 'ask the user to run "git lfs pull" in that folder.',
  'html-page': 'the download saved a web page; ask the user to fetch the file again.',
  'header-too-small': fetchAgain,
  'header-too-large': fetchAgain,
  'header-length': fetchAgain,
  'header-utf8': fetchAgain,
  'header-json': fetchAgain,
  'header-entry': fetchAgain,
  'header-duplicate': fetchAgain,
  'header-offset': fetchAgain,
  'header-overflow': fetchAgain,
  'header-alignment': fetchAgain,
  'header-span': fetchAgain,
  'file-truncated': fetchAgain,
  'file-trailing-bytes': fetchAgain,
  'file-changed': 'the file changed while it was read; call again once training has finished saving.',
  'index-json': fetchAgain,
  'shard-path': otherFile,
  'shard-missing': 'ask the user to fetch the missing shard.',
  'shard-extra': otherFile,
  'shard-tensor-missing': fetchAgain,
  'dtype-unsupported': 'leave such tensors out with options.match.',
  'dtype-scale-missing': fetchAgain,
  'packed-weights': 'name a checkpoint whose weights are not packed.',
  'non-finite': 'tell the user that weights are NaN or infinite: the training diverged.',
  'shape-mismatch': 'look at both sides with inspect_checkpoint: they may not be of one model.',
  'only-in-base': otherFile,
  'only-in-tuned': otherFile,
  'name-ambiguous': otherFile,
  'layout-unknown': otherFile,
  'empty-tensor': otherFile,
  'not-numeric': otherFile,
  'nothing-to-compare':
    'look at both sides with inspect_checkpoint: they share no tensor that can be compared.',
  'not-selected': 'change options.match.',
  'not-sampled': 'leave out options.sample.',
  'out-of-memory': 'ask for fewer tensors with options.match, or a smaller options.rank.',
  'not-converged': 'try a smaller options.rank.',
  'gemm-unavailable': 'ask the user to run three-gate analyze with --engine wasm.',
  'gemm-self-check': 'ask the user to run three-gate analyze with --engine wasm.',
  cancelled: 'call again when the answer is wanted after all.',
  'engine-crashed': 'call again; if it happens twice, ask for fewer tensors with options.match.',
  'engine-version': 'ask the user to restart the server after the update.',
  'config-syntax': 'show the user the place; the file cannot be read until it is mended.',
  'config-value': 'show the user the value and what is allowed.',
  'config-unreadable': 'name the file that the training was started with.',
  'log-unreadable': 'go on without it; what it would have said is missing.',
  'pickle-refused': 'ask the user to save the checkpoint as safetensors; nothing in a pickle is executed.',
  'archive-refused': fetchAgain,
  'tensor-layout': 'ask the user to save the checkpoint as safetensors.',
  'adapter-unsupported': 'ask the user to merge the adapter and name the merged checkpoint.',
  'adapter-base-rewritten': 'name the base that the adapter was saved with.',
  'adapter-unplaced': 'name the base that the adapter was trained on.',
  'adapter-empty': otherFile,
  'adapter-no-effect': 'tell the user that the adapter changes nothing.',
  'adapter-inside': 'name the adapter or the merged checkpoint, not the folder of both.',
  'shard-unfinished': 'wait until the shards are done: three-gate status FOLDER.',
  'shard-refused': 'ask the user which analysis the folder is of.',
  scheduler: elsewhere,
  'remote-failed': 'call again in a minute; if it fails again, tell the user.',
  'remote-denied': 'ask the user for a token (HF_TOKEN) in the environment of the server.',
  'remote-not-allowed':
    'name a path on this machine, or ask the user to start the server with --allow-remote.',
  'remote-changed': 'call again: what was read has changed there.',
  'remote-cost':
    'ask for fewer tensors with options.match or options.sample, or ask the user to run three-gate analyze --yes.',
  'wrong-base': 'name the base that it was made of; three-gate hash tells two bases apart.',
  usage: 'correct the arguments; the schema of the tool says what they may be.',
  'no-report': 'call analyze_pair and use the report that it names.',
  internal: report,
};

/** Where no server is that could be started otherwise. */
const stepsInEditor: Partial<Record<ProblemCode, string>> = {
  'access-denied':
    'name a path within the folders of the workspace (list_checkpoints names them), or ask the user to add the folder to the workspace.',
  'remote-denied': 'ask the user for a token: the command "Three-Gate: Set Hugging Face Token…".',
  'remote-not-allowed': 'name a path on this machine; the user did not let this place be read.',
  'engine-version': 'ask the user to reload the window after the update.',
};

/** Who carries the question: a server of its own, or the editor. */
export type Carrier = 'server' | 'editor';

export function nextStep(code: ProblemCode, carrier: Carrier): string {
  return (carrier === 'editor' ? stepsInEditor[code] : undefined) ?? steps[code];
}
