// Config and findings of a run as text for a terminal: one block per finding, `file:line:column` first, so that editors
// and terminals can jump there.
import type {
  ConfigEntry,
  Finding,
  SourceLocation,
  TrainingConfig,
  TrainingEvidence,
} from '../report/training.ts';

export function adviceText(evidence: TrainingEvidence): string {
  const parts = [
    evidence.config === null ? 'No training config was recognised.' : configText(evidence.config),
    ...evidence.problems.map(({ message }) => `problem: ${message}`),
    findingsText(evidence.findings),
  ];
  return `${printable(parts.join('\n\n'))}\n`;
}

/** Findings alone, as `analyze` prints them below its table. */
function findingsText(findings: readonly Finding[]): string {
  if (findings.length === 0) return 'No findings.';
  return findings.map(findingText).join('\n\n');
}

function findingText(finding: Finding): string {
  const where = finding.location === null ? '' : `${placeOf(finding.location)}: `;
  return [
    `${where}${finding.severity}: ${finding.message} [${finding.id}]`,
    ...(finding.evidence === null ? [] : [`    evidence: ${finding.evidence}`]),
    `    next: ${finding.nextStep}`,
    `    source: ${finding.source}`,
  ].join('\n');
}

function configText(config: TrainingConfig): string {
  const version = config.frameworkVersion === null ? '' : ` ${config.frameworkVersion}`;
  const width = Math.max(0, ...config.entries.map(({ key }) => key.length));
  return [
    `${config.framework}${version} · ${config.kind}`,
    ...config.files.map((file) => `  ${file}`),
    ...config.entries.map((entry) => `  ${entry.key.padEnd(width)}  ${valueText(entry)}`),
  ].join('\n');
}

function valueText(entry: ConfigEntry): string {
  const value = Array.isArray(entry.value)
    ? entry.value.join(', ')
    : entry.value === null
      ? '–'
      : String(entry.value);
  return entry.origin === 'stated' ? value : `${value}  (${entry.defaultNote ?? entry.origin})`;
}

function placeOf({ file, line, column }: SourceLocation): string {
  return `${file}:${line}:${column}`;
}

/** Values come from files: their control characters do not reach the terminal. */
function printable(text: string): string {
  return text.replaceAll(/[^\P{Cc}\n]/gu, '\uFFFD');
}
