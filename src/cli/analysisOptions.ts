// Command-line options as AnalysisOptions; every value that makes no sense is a usage error that says what would.
import { InvalidArgumentError } from 'commander';
import { gateNames, type AnalysisOptions, type GateName } from '../shared/options.ts';
import { defaultOptions } from '../shared/options/catalogue.ts';
import { moduleKinds, type ModuleKind } from '../shared/report/report.ts';

/** As commander parses them. */
export interface AnalyzeFlags {
  json?: string;
  markdown?: string;
  csv?: string;
  config?: string[];
  rank: number;
  alpha: number;
  eta: number;
  gates: GateName[];
  match?: string;
  engine: AnalysisOptions['engine'];
  threads?: number;
  /** Bytes. */
  memory?: number;
  fullSpectrum?: boolean;
  profile: AnalysisOptions['profile'];
  cache: boolean;
  quiet?: boolean;
}

export function analysisOptions(flags: AnalyzeFlags): AnalysisOptions {
  const { rank, alpha, eta, gates, engine } = flags;
  return {
    ...defaultOptions,
    rank,
    alpha,
    eta,
    gates,
    engine,
    match: flags.match ?? null,
    threads: flags.threads ?? null,
    memoryBytes: flags.memory ?? null,
    fullSpectrum: flags.fullSpectrum === true,
    profile: flags.profile,
    useCache: flags.cache,
  };
}

export function parseCount(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < 1) {
    throw new InvalidArgumentError('It must be a whole number of at least 1.');
  }
  return value;
}

/** Gigabytes, a fraction of one too, as bytes. */
export function parseGigabytes(text: string): number {
  const value = parseNumber(text);
  if (value < 2 ** -6) throw new InvalidArgumentError('It must be a number of gigabytes.');
  return Math.floor(value * 2 ** 30);
}

/** A share strictly between 0 and 1. */
export function parseShare(text: string): number {
  const value = parseNumber(text);
  if (value <= 0 || value >= 1) throw new InvalidArgumentError('It must lie between 0 and 1.');
  return value;
}

/** A tolerance from 0 to below 1. */
export function parseTolerance(text: string): number {
  const value = parseNumber(text);
  if (value < 0 || value >= 1) throw new InvalidArgumentError('It must be at least 0 and below 1.');
  return value;
}

export function parseGates(text: string): GateName[] {
  return parseNames(text, gateNames, 'gate', 'the gates are');
}

export function parseModules(text: string): ModuleKind[] {
  return parseNames(text, moduleKinds, 'kind of module', 'the kinds are');
}

/** The seed of a draw: 32 bits. */
export function parseSeed(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value >= 2 ** 32) {
    throw new InvalidArgumentError('It must be a whole number from 0 to 4294967295.');
  }
  return value;
}

export function parseExpression(text: string): string {
  try {
    new RegExp(text, 'u');
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? `${error.message}.` : String(error));
  }
  return text;
}

function parseNumber(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) throw new InvalidArgumentError('It must be a number.');
  return value;
}

/** Names of a closed list, comma-separated; in the list's order. */
function parseNames<Name extends string>(
  text: string,
  known: readonly Name[],
  one: string,
  all: string,
): Name[] {
  const asked = text.split(',').map((name) => name.trim());
  const unknown = asked.find((name) => !known.some((other) => other === name));
  if (unknown !== undefined) {
    throw new InvalidArgumentError(`"${unknown}" is no ${one}; ${all} ${known.join(', ')}.`);
  }
  return known.filter((name) => asked.includes(name));
}
