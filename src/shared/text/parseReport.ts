// A report from the text of a file, as `analyze --json` writes it. What is none, or is of another version, is said with what to do.
import { asProblem, ThreeGateError } from '../errors.ts';
import { schemaVersion, type Report } from '../report/report.ts';
import { upgradedReport } from './upgradeReport.ts';

/** Throws `usage`, naming the file. */
export function parseReport(text: string, file: string): Report {
  const refuse = (why: string): never => {
    throw new ThreeGateError('usage', `${file} ${why}`, { file });
  };
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    return refuse(`is no report: ${asProblem(error).message}.`);
  }
  if (!isRecord(parsed) || !('schemaVersion' in parsed)) {
    return refuse('is no Three-Gate report: write one with three-gate analyze BASE TUNED --json FILE.');
  }
  const { schemaVersion: version } = parsed;
  if (version !== schemaVersion && version !== 1) return refuse(otherVersion(version));
  if (!isReport(parsed)) return refuse(`is no whole Three-Gate report of version ${version}.`);
  if (version === schemaVersion) return parsed;
  const upgraded = upgradedReport(parsed);
  return isReport(upgraded) ? upgraded : refuse(otherVersion(version));
}

function otherVersion(version: unknown): string {
  const is = `is a report of schema version ${JSON.stringify(version)}, and this Three-Gate reads version ${schemaVersion}`;
  return typeof version === 'number' && version > schemaVersion
    ? `${is}: update Three-Gate.`
    : `${is}: analyse the pair again.`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether what every reader of a report starts from is there. */
function isReport(value: Record<string, unknown>): value is Record<string, unknown> & Report {
  const records = ['pair', 'options', 'engine', 'coverage', 'summary', 'training', 'timings'];
  const lists = ['layers', 'modules', 'tensors', 'problems'];
  return records.every((key) => isRecord(value[key])) && lists.every((key) => Array.isArray(value[key]));
}
