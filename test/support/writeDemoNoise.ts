// Writes the demo's control, seeded: the base with noise as large as its GRPO run's update.
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { demoBase, noiseFolder } from '../../.ci/demoPairs.mjs';
import { writeNoiseLike } from './noiseLike.ts';

const tuned = 'test/fixtures/nano/grpo/checkpoint-100/model.safetensors';
writeNoiseLike(join(demoBase, 'model.safetensors'), tuned, join(noiseFolder, 'model.safetensors'), 1);
cpSync(join(demoBase, 'config.json'), join(noiseFolder, 'config.json'));
