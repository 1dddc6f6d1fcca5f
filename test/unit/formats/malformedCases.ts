// Malformed single files and what is said of them. `FILE` stands for the file's path.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { openCheckpoint } from '../../../src/engine/opening/openCheckpoint.ts';
import { asProblem } from '../../../src/shared/errors.ts';
import type { ProblemCode } from '../../../src/shared/errors.ts';
import { memoryFileSystem } from '../checkpoint/support/memoryFileSystem.ts';

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

export const entry = (dtype: string, shape: string, start: number, end: number): string =>
  `{"dtype":"${dtype}","shape":${shape},"data_offsets":[${start},${end}]}`;

export type Case = [what: string, file: Uint8Array, code: ProblemCode, message: string];

const path = '/run/model.safetensors';

/** One test for each case. */
export function namesEach(cases: readonly Case[]): void {
  for (const [what, file, code, message] of cases) {
    it(`names ${what}`, async () => {
      const thrown = await openCheckpoint(memoryFileSystem({ [path]: file }), path).then(
        () => assert.fail('it opened'),
        (error: unknown) => asProblem(error),
      );
      assert.deepEqual(
        { code: thrown.code, message: thrown.message.replaceAll(path, 'FILE'), file: thrown.file },
        { code, message, file: path },
      );
    });
  }
}
