// Limits as JUnit XML: one test case a limit, which fails where the limit is broken, with every place in the failure's text.
import type { LimitResult, LimitsReport } from '../../shared/report/limitsReport.ts';
import { readingSentence } from '../../shared/text/limitsTables.ts';

/** @param pair what was compared, in a few words */
export function junitXml({ limits, broken }: LimitsReport, pair: string): string {
  const counts = `tests="${limits.length}" failures="${broken}" errors="0" skipped="0"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="three-gate" ${counts}>`,
    `  <testsuite name="${escapeXml(pair)}" ${counts}>`,
    ...limits.map(testCase),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function testCase(limit: LimitResult): string {
  const { text, scope, file, line, broken, judged } = limit;
  const place = `file="${escapeXml(file)}" line="${line}"`;
  const head = `    <testcase classname="three-gate.limits.${scope}" name="${escapeXml(text)}" ${place}`;
  if (broken.length === 0) return `${head}/>`;
  const first = broken[0] === undefined ? '' : readingSentence(limit, broken[0]);
  const message = judged === 1 ? first : `broken in ${broken.length} of ${judged}: ${first}`;
  const all = broken.map((reading) => escapeXml(readingSentence(limit, reading))).join('\n');
  return `${head}>\n      <failure type="limit" message="${escapeXml(message)}">${all}</failure>\n    </testcase>`;
}

/** What XML 1.0 has no character for becomes U+FFFD; line ends are kept, in attributes too. */
function escapeXml(text: string): string {
  const names: Record<string, string> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": 'apos' };
  return text
    .replaceAll(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
    .replaceAll(/[&<>"']/gu, (character) => `&${names[character] ?? ''};`)
    .replaceAll(/[\t\n\r]/gu, (character) => `&#${character.charCodeAt(0)};`);
}
