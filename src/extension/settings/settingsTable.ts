// Every setting, once: package.json is held to this table by a test. Those of an analysis follow from the catalogue.
import { rules } from '../../engine/trainingConfig/findings/findFindings.ts';
import { gigabytes, optionCatalogue, optionNames, type OptionName } from '../../shared/options/catalogue.ts';
import { endSchema, ruleSchema, type Schema } from '../../shared/options/ruleSchema.ts';
import { endSentence, thresholdCatalogue, type BandEntry } from '../../shared/options/thresholds.ts';

interface Setting {
  /** Below `threeGate.`. */
  key: string;
  /** Its JSON Schema, default included. */
  schema: Schema;
  /** Its text in the settings page but for emphasis; null where package.nls.json alone says it. */
  explanation: string | null;
  /** True when it depends on the machine and must not be set by a workspace. */
  machine?: true;
}

const machineOptions: readonly OptionName[] = [
  'threads',
  'memoryBytes',
  'cacheGigabytes',
  'remoteCacheGigabytes',
];

const ofOptions = optionNames.flatMap((name): Setting[] => {
  const { rule, setting, default: value, explanation } = optionCatalogue[name];
  if (setting === null) return [];
  const written =
    name === 'memoryBytes'
      ? { schema: ruleSchema({ ...gigabytes.rule, orNull: true }), explanation: gigabytes.explanation }
      : { schema: ruleSchema(rule), explanation };
  return [
    {
      key: setting,
      ...written,
      schema: { ...written.schema, default: value },
      ...(machineOptions.includes(name) ? { machine: true } : {}),
    },
  ];
});

const ofThresholds = Object.entries(thresholdCatalogue).flatMap(([name, entry]): Setting[] => {
  const { measure } = entry;
  if (isBand(entry)) {
    return (['holds', 'broken'] as const).map((end) => ({
      key: `thresholds.${name}.${end}`,
      schema: { ...endSchema(entry.rule), default: entry.default[end] },
      explanation: `${measure} ${endSentence(entry, end)}`,
    }));
  }
  const schema = { ...ruleSchema(entry.rule), default: entry.default };
  return [{ key: `thresholds.${name}`, schema, explanation: measure }];
});

function isBand(entry: (typeof thresholdCatalogue)[keyof typeof thresholdCatalogue]): entry is BandEntry {
  return entry.rule.kind === 'band';
}

const flags = ['analyzeOnOpen', 'hovers', 'badges', 'diagnostics'] as const;
/** A flag among the settings that is no option of an analysis. */
export type FlagSetting = (typeof flags)[number];

export const settingsTable: readonly Setting[] = [
  ...ofOptions,
  ...flags.map((key) => ({ key, schema: { type: 'boolean', default: true }, explanation: null })),
  {
    key: 'disabledFindings',
    schema: {
      type: 'array',
      default: [],
      items: { type: 'string', enum: rules.map(({ id }) => id) },
      uniqueItems: true,
    },
    explanation: null,
  },
  ...ofThresholds,
];
