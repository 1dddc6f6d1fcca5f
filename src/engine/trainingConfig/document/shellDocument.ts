// A launch script as a ConfigDocument: `--key value`, `--key=value` and Hydra's `key=value` words of the command that
// launches the training, with the variables and arrays that it expands. Nothing else in the file counts; nothing is run.
import { ConfigDocument, type LocatedValue } from './configDocument.ts';
import { scalarFromText } from './scalarFromText.ts';
import { launchesOf, type Launch } from './shell/launches.ts';
import { startedCommands } from './shell/shellRun.ts';
import { conditionOf, isOpen, stringOf, type Text } from './shell/shellText.ts';

/** `a.b=value`, `+a.b=value` and `++a.b=value`. */
const hydraWord = /^(?:\+\+|\+)?([A-Za-z_][\w-]*(?:[.@/][\w-]+)+)=/;
const plainOverride = /^(?:\+\+|\+)?([A-Za-z_][\w-]*)=/;
const flagWord = /^--([A-Za-z][\w.-]*)(=)?/;

const maxLength = 2_000_000;
const maxWords = 1000;

/**
 * Of several launches, the one that `evidenceOf` is surest is a training; the first among equals. All that it takes for one are
 * kept in `launches`.
 */
export function readShell(
  file: string,
  text: string,
  evidenceOf: (document: ConfigDocument) => number = (document) => document.values.size,
): ConfigDocument {
  const empty = new ConfigDocument(file, 'shell', text);
  if (text.length > maxLength) {
    empty.report(
      'config-unreadable',
      `has more than ${maxLength} characters, too many for a launch script`,
      null,
    );
    return empty;
  }
  const candidates = launchesOf(startedCommands(text)).map((launch) => {
    const document = documentOf(file, text, launch);
    return { launch, document, evidence: evidenceOf(document) };
  });
  if (candidates.length === 0) {
    empty.report(
      'config-value',
      'starts no training: no command with python, torchrun or another launcher',
      null,
    );
    return empty;
  }
  const best = candidates.reduce((most, one) => (one.evidence > most.evidence ? one : most));
  const trainings = candidates.filter(({ evidence }) => evidence > 0);
  if (trainings.length > 1) {
    best.document.launches = trainings.map(({ launch, document }) => ({
      title: launch.title,
      at: document.span(launch.start, launch.end),
      read: document === best.document,
    }));
  }
  return best.document;
}

function documentOf(file: string, text: string, { program, launcherWords, words }: Launch): ConfigDocument {
  const document = new ConfigDocument(file, 'shell', text);
  document.words.push(...program);
  addWords(document, launcherWords, 1);
  addWords(document, words, Infinity);
  return document;
}

/** `most` values may follow a flag. */
function addWords(document: ConfigDocument, words: readonly Text[], most: number): void {
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? [];
    const written = stringOf(word);
    const flag = flagWord.exec(written);
    const override = hydraWord.exec(written) ?? plainOverride.exec(written);
    if (flag !== null && flag[2] === undefined) {
      const values = valuesAfter(words, index, most);
      addFlag(document, flag[1] ?? '', word, values);
      index += values.length;
    } else if (flag !== null || override !== null) {
      const key = (flag ?? override)?.[1] ?? '';
      addValue(document, key, word, written.indexOf('='));
    } else if (document.words.length < maxWords) document.words.push(written);
  }
}

function valuesAfter(words: readonly Text[], flag: number, most: number): Text[] {
  const values: Text[] = [];
  for (let next = flag + 1; next < words.length && values.length < most; next++) {
    const written = stringOf(words[next] ?? []);
    if (/^-{1,2}([A-Za-z]|$)/.test(written) || hydraWord.test(written)) break;
    values.push(words[next] ?? []);
  }
  return values;
}

function addFlag(document: ConfigDocument, path: string, word: Text, values: readonly Text[]): void {
  const texts = values.map(stringOf);
  const value = texts.length > 1 ? texts : texts.length === 0 ? true : scalarFromText(texts[0] ?? '');
  const all = values.flat();
  document.add({
    ...leafOf(value, [...word, ...all], all),
    path,
    key: spanOf(document, word),
    valueSpan: spanOf(document, all),
  });
}

function addValue(document: ConfigDocument, path: string, word: Text, equals: number): void {
  const value = word.slice(equals + 1);
  document.add({
    ...leafOf(scalarFromText(stringOf(value)), word, value),
    path,
    key: spanOf(document, word.slice(0, equals)),
    valueSpan: spanOf(document, value),
  });
}

/** What hangs on a condition, or on what the script does not set, has no value here. */
function leafOf(
  value: LocatedValue['value'],
  whole: Text,
  part: Text,
): Pick<LocatedValue, 'value' | 'unresolved'> {
  const condition = conditionOf(whole);
  const written = stringOf(part);
  if (condition !== null) return { value: null, unresolved: `${written} where ${condition}`.trim() };
  return { value, unresolved: isOpen(part) || written.includes('${') ? written : null };
}

/** From the first character to the last that stands after it; null for nothing. */
function spanOf(document: ConfigDocument, text: Text): LocatedValue['key'] {
  const [first] = text;
  if (first === undefined) return null;
  return document.span(
    first.from,
    text.reduce((end, { from, to }) => (from >= first.from ? Math.max(end, to) : end), first.to),
  );
}
