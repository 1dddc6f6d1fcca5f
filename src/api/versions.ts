// Versions, as semantic versioning has them.
import { version as own } from '../node/engine/version.ts';
import versions from '../shared/report/schemaVersions.json' with { type: 'json' };

/** Of this package. */
export const version: string = own;

/**
 * Of the JSON Schemas. The major number is the `schemaVersion` in the file of every report: it grows when a field changes its
 * meaning or goes away. The minor number grows with a release that adds a field.
 */
export const schemaVersions: Readonly<Record<'report' | 'runs', string>> = versions;
