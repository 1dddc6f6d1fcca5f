// Reads back what the editor kept: what a newer or older version wrote, or anything odd, falls back and breaks nothing.

/** The fields of an object, whatever it is. */
export function fieldsOf(value: unknown): Partial<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

/** A value that is one of those known. */
export function oneOf<Value extends string>(
  value: unknown,
  known: readonly Value[],
  otherwise: Value,
): Value {
  return known.find((each) => each === value) ?? otherwise;
}
