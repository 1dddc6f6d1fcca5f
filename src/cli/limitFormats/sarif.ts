// Limits as SARIF 2.1.0 (OASIS, 27 March 2020): one result for every place where a limit is broken, at the limit's line in its file,
// with the layer, module or tensor as logical location.
import { isAbsolute, normalize, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { LimitReading, LimitResult, LimitsReport } from '../../shared/report/limitsReport.ts';
import { metricTitle } from '../../shared/text/metrics.ts';
import { readingSentence } from '../../shared/text/limitsTables.ts';

export function sarifLog({ limits }: LimitsReport, version: string): object {
  const names = [...new Set(limits.map(({ metric }) => metric))];
  const results = limits.flatMap((limit) =>
    limit.broken.map((reading) => resultOf(limit, reading, names.indexOf(limit.metric))),
  );
  const rules = names.map((id) => ({ id, shortDescription: { text: `Limits on ${metricTitle(id)}` } }));
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'three-gate', version, rules } },
        columnKind: 'utf16CodeUnits',
        results,
      },
    ],
  };
}

function resultOf(limit: LimitResult, reading: LimitReading, ruleIndex: number): object {
  const { metric, scope, file, line, column, text } = limit;
  const physicalLocation = {
    artifactLocation: { uri: uriOf(file) },
    region: { startLine: line, startColumn: column },
  };
  const logicalLocations =
    scope === 'whole' ? {} : { logicalLocations: [{ fullyQualifiedName: reading.place, kind: scope }] };
  return {
    ruleId: metric,
    ruleIndex,
    level: 'error',
    message: { text: `${readingSentence(limit, reading)} (${text})` },
    locations: [{ physicalLocation, ...logicalLocations }],
  };
}

/** A relative path stays relative, so that a viewer finds the file in its own checkout. */
function uriOf(file: string): string {
  if (isAbsolute(file)) return pathToFileURL(file).href;
  return normalize(file).split(sep).map(encodeURIComponent).join('/');
}
