// Writes the demo's control, seeded: the base with noise as large as its GRPO run's update.
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { demoBase, demoPairs } from '../../.ci/demoPairs.mjs';
import { writeNoiseLike } from './noiseLike.ts';

const weights = 'model.safetensors';
const folderOf = (file: string): string => demoPairs.find((pair) => pair.file === file)?.tuned ?? file;
const noise = folderOf('noise');
writeNoiseLike(join(demoBase, weights), join(folderOf('grpo'), weights), join(noise, weights), 1);
cpSync(join(demoBase, 'config.json'), join(noise, 'config.json'));
