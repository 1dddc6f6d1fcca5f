// A rule as JSON Schema: what package.json's settings and the pair file's schema hold of it.
import type { Range, Rule } from './rule.ts';

export type Schema = Readonly<Record<string, unknown>>;

export function ruleSchema(rule: Rule): Schema {
  switch (rule.kind) {
    case 'number':
    case 'integer':
      return { type: rule.orNull === true ? [rule.kind, 'null'] : rule.kind, ...rangeSchema(rule) };
    case 'band':
      return {
        type: 'object',
        required: ['holds', 'broken'],
        additionalProperties: false,
        properties: { holds: endSchema(rule), broken: endSchema(rule) },
      };
    case 'list':
      return { type: 'array', items: { type: 'string', enum: [...rule.of] } };
    case 'flag':
      return { type: 'boolean' };
    case 'choice':
      return { type: 'string', enum: [...rule.of] };
    case 'pattern':
      return { type: rule.orNull === true ? ['string', 'null'] : 'string' };
  }
}

/** One end of a band, as it stands among the settings. */
export function endSchema(range: Range): Schema {
  return { type: 'number', ...rangeSchema(range) };
}

function rangeSchema({ least, above, most, below }: Range): Schema {
  return {
    ...(least === undefined ? {} : { minimum: least }),
    ...(above === undefined ? {} : { exclusiveMinimum: above }),
    ...(most === undefined ? {} : { maximum: most }),
    ...(below === undefined ? {} : { exclusiveMaximum: below }),
  };
}
