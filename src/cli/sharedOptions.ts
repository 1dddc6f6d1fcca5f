// Arguments and options that several commands have, each declared once; those of an analysis are the catalogue's.
import { Option } from 'commander';
import { optionCatalogue, type OptionName } from '../shared/options/catalogue.ts';
import { unaskedRemoteBytes } from '../shared/options/remoteReading.ts';
import { formatBytes } from '../shared/text/format.ts';
import { namesParser, numberParser, parseExpression, parseGigabytes, shareParser } from './values.ts';

export const baseArgument = [
  '<base>',
  'folder, .safetensors file or index of the base checkpoint, hf://org/model[@revision] or s3://bucket/folder',
] as const;

export const tunedArgument = ['<tuned>', 'the same for the tuned checkpoint'] as const;

/** An option of one command that reads its text as one of the catalogue does. */
export function optionLike(name: OptionName, flags: string, description: string): Option {
  return withParser(new Option(flags, description), name);
}

interface Use {
  /** What this command adds to its help. */
  note?: string;
  /** The command must know whether it was given: its default is only told. */
  unset?: true;
}

/** An option of the catalogue as a flag. */
export function catalogueOption(name: OptionName, { note = '', unset }: Use = {}): Option {
  const { flag, rule, default: value } = optionCatalogue[name];
  if (flag === null) throw new Error(`The option ${name} has no flag.`);
  const [flags, phrase] = flag;
  const told = unset === true ? ` (default: ${String(value)})` : '';
  const option = new Option(flags, `${phrase}${note}${told}`);
  // A flag is false until it is given, or true until it is taken back.
  if (value !== null && rule.kind !== 'flag' && unset !== true) option.default(value);
  return withParser(option, name);
}

function withParser(option: Option, name: OptionName): Option {
  const { rule } = optionCatalogue[name];
  switch (rule.kind) {
    case 'number':
    case 'integer':
      if (name === 'memoryBytes') return option.argParser(parseGigabytes);
      return option.argParser(rule.noun === 'share' ? shareParser(rule) : numberParser(rule));
    case 'list':
      return option.argParser(namesParser(rule, 'gate', 'the gates are'));
    case 'pattern':
      return option.argParser(parseExpression);
    case 'choice':
      return option.choices(rule.of);
    case 'flag':
    case 'band':
      return option;
  }
}

/** What is measured of a pair, and where it is remembered: alike for every machine that measures a part of it. */
export const measureOptions: readonly Option[] = (
  [
    'rank',
    'alpha',
    'eta',
    'gates',
    'match',
    'sample',
    'seed',
    'engine',
    'memoryBytes',
    'fullSpectrum',
    'profile',
    'useCache',
    'cacheGigabytes',
    'remoteCacheGigabytes',
  ] as const
).map((name) => catalogueOption(name));

export const yesOption = new Option(
  '--yes',
  `read from remote checkpoints without asking, however much (else up to ${formatBytes(unaskedRemoteBytes)})`,
);

/** Most bytes that may be read of remote checkpoints; null = any. */
export function remoteLimit({ yes }: { yes?: boolean }): number | null {
  return yes === true ? null : unaskedRemoteBytes;
}

/** @param what is written, e.g. `the whole report` */
export function jsonOption(what: string): Option {
  return new Option('--json <file>', `write ${what} as JSON; "-" prints it, and nothing else`);
}

export const markdownOption = new Option('--markdown <file>', 'write the report as Markdown');
export const csvOption = new Option('--csv <file>', 'write one row per tensor as CSV');
export const htmlOption = new Option('--html <file>', 'write the report as one page that needs no editor');
export const configOption = new Option(
  '--config <files...>',
  'training configs and logs of this run, instead of those beside it',
);

export const quietOption = new Option('--quiet', 'print no report and no progress');
