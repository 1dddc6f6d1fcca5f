// The commands of `three-gate`, in the order of its help.
import { advise } from './advise.ts';
import { analyze } from './analyze.ts';
import { apply } from './apply.ts';
import { check } from './check.ts';
import { compare } from './compare.ts';
import { diff } from './diff.ts';
import { hash } from './hash.ts';
import { inspect } from './inspect.ts';
import { mask } from './mask.ts';
import { mcp } from './mcp.ts';
import { merge } from './merge.ts';
import { runs } from './runs.ts';
import { status } from './status.ts';
import { retry, submit } from './submit.ts';
import { watch } from './watch.ts';

export const commands = [
  analyze,
  check,
  compare,
  hash,
  submit,
  status,
  retry,
  merge,
  inspect,
  advise,
  mask,
  runs,
  watch,
  diff,
  apply,
  mcp,
];
