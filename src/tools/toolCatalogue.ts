// The tools for assistants: their names, what they say of themselves, and the JSON Schema of what they are given. The MCP server
// lists them, package.json contributes the same to the editor's chat (a test holds it to that), and every call is checked by them.
import { optionCatalogue } from '../shared/options/catalogue.ts';
import { ruleSchema, type Schema } from '../shared/options/ruleSchema.ts';
import type { ToolName } from './answers.ts';

interface ToolEntry {
  title: string;
  /** For a model: what it is for, what it gives, when to call it. */
  description: string;
  input: { properties: Readonly<Record<string, Schema>>; required: readonly string[] };
  /** Whether it reads weights, and may take minutes. */
  isLong: boolean;
}

const text = (description: string): Schema => ({
  type: 'string',
  minLength: 1,
  maxLength: 4096,
  description,
});
const list = (items: string, description: string, most: number): Schema => ({
  type: 'array',
  items: text(items),
  minItems: 1,
  maxItems: most,
  description,
});
const offset: Schema = {
  type: 'integer',
  minimum: 0,
  description: 'Where to go on: the nextOffset of an answer.',
};

const checkpoint = 'a folder, a .safetensors file, an index or a PEFT adapter';

/** What may be chosen of an analysis; what is computed with is this machine's affair. */
const chosen = [
  'rank',
  'alpha',
  'eta',
  'gates',
  'match',
  'sample',
  'fullSpectrum',
  'profile',
  'seed',
] as const;

const options: Schema = {
  type: 'object',
  description: 'How to measure. The defaults are those that verdicts and published ranges were made with.',
  properties: Object.fromEntries(
    chosen.map((name) => {
      const { rule, explanation } = optionCatalogue[name];
      return [name, { ...ruleSchema(rule), description: explanation }];
    }),
  ),
  additionalProperties: false,
};

const base = text(`Path of the base checkpoint: ${checkpoint}.`);

export const toolCatalogue: Readonly<Record<ToolName, ToolEntry>> = {
  analyze_pair: {
    title: 'Analyse a pair of checkpoints',
    description:
      'Compares a base checkpoint with one tuned from it and says what training did to the weights: whether it stayed near the base (Gate I), kept off the principal directions (Gate II) and was masked by bf16 (Gate III), each number beside what a random update of the same size would show. Takes seconds for small models and minutes for large ones; asking again is answered from what was remembered. Use `explain` for one layer, tensor or finding of the result.',
    input: {
      properties: {
        base,
        tuned: text(`Path of the tuned checkpoint: ${checkpoint}.`),
        config: list('Path.', 'Training configs and logs of this run, instead of those found beside it.', 20),
        options,
      },
      required: ['base', 'tuned'],
    },
    isLong: true,
  },
  explain: {
    title: 'Explain a part of an analysis',
    description:
      'Tells of one layer, module kind, tensor, gate or finding of an analysed pair: its numbers, what a random update of the same size would show, and the rule behind each verdict. Call `analyze_pair` first.',
    input: {
      properties: {
        report: text(
          'The `report` of an analyze_pair answer, or the path of a report file (analyze --json FILE).',
        ),
        about: text(
          'What to explain: "layer 3", a module kind such as "q" or "down", the name of a tensor, "anchor", "geometry", "precision", the id of a finding, or "model".',
        ),
      },
      required: ['report', 'about'],
    },
    isLong: false,
  },
  compare_runs: {
    title: 'Compare training runs of one base',
    description:
      'Says whether several runs tuned from one base changed the same weights, beside what chance would give, and how the verdict of a run came about from checkpoint to checkpoint. One run alone must be a folder of checkpoints by step.',
    input: {
      properties: {
        base,
        runs: list('Path.', 'Tuned checkpoints, or folders with checkpoint-25, global_step_50, ….', 12),
        followSteps: {
          type: 'boolean',
          description: 'Whether every run folder is followed over its checkpoints, too. Takes longer.',
        },
        match: matchSchema(),
      },
      required: ['base', 'runs'],
    },
    isLong: true,
  },
  advise_config: {
    title: 'Review a training config',
    description:
      'Reads training configs (TRL, verl, OpenRLHF, axolotl, torchtune and others; YAML, JSON, TOML, launch scripts, training_args.bin) and says what they may do to the three gates, each finding with its place, source and next step. Reads no weights.',
    input: {
      properties: {
        configs: list('Path.', 'Files of one run; several are read as one.', 20),
        report: text('The `report` of an analyze_pair answer: findings then cite its measurements.'),
      },
      required: ['configs'],
    },
    isLong: false,
  },
  inspect_checkpoint: {
    title: 'Look into a checkpoint',
    description:
      'Lists tensors, dtypes, shapes, shards, step and problems of one checkpoint, from its headers alone: quick, whatever its size.',
    input: {
      properties: {
        checkpoint: text(`Path of the checkpoint: ${checkpoint}.`),
        match: matchSchema(),
        offset,
      },
      required: ['checkpoint'],
    },
    isLong: false,
  },
  list_checkpoints: {
    title: 'Find checkpoints',
    description:
      'Finds checkpoints and adapters in the folders that were opened, with size, dtype, step and the base model that each names. Call it first when paths are not known.',
    input: {
      properties: {
        folder: text('Only below this folder.'),
        offset,
      },
      required: [],
    },
    isLong: false,
  },
};

export const toolNames = Object.keys(toolCatalogue) as readonly ToolName[];

/** What a call of the tool is given, as JSON Schema. */
export function inputSchema(name: ToolName): { type: 'object'; [key: string]: unknown } {
  const { properties, required } = toolCatalogue[name].input;
  return { type: 'object', properties, required: [...required], additionalProperties: false };
}

function matchSchema(): Schema {
  return text('Regular expression on tensor names: only tensors that match count.');
}
