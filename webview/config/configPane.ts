// The training config at the side: each setting with the gate it bears on and the findings about it, the logged KL,
// and the findings in full. A click goes to the line in the file.
import { formatNumber } from '../../src/shared/text/format.ts';
import type {
  ConfigEntry,
  Finding,
  LogSeries,
  SourceLocation,
  TrainingEvidence,
} from '../../src/shared/report/training.ts';
import { gateTitles } from '../metrics/gates.ts';
import { element, replaceChildren, show } from '../view/dom.ts';
import { icon } from '../view/icons.ts';
import type { Section, Tools } from '../view/section.ts';
import { tip } from '../view/tooltip.ts';
import { configGroups, findingNumbers, valueText } from './configGroups.ts';
import { sparkline } from './sparkline.ts';

export function createConfigPane({ host }: Tools): Section {
  const body = element('div', {});
  const choose = element('button', { type: 'button', class: 'quiet' }, 'Choose file…');
  choose.addEventListener('click', () => {
    host.act('chooseConfig');
  });
  const root = element(
    'aside',
    { class: 'config', 'aria-labelledby': 'config-title' },
    element(
      'div',
      { class: 'section-head' },
      element('h2', { id: 'config-title' }, 'Training config'),
      element('span', { class: 'grow' }),
      choose,
    ),
    body,
  );

  const link = (text: string, location: SourceLocation | null, label: string): HTMLElement => {
    if (location === null) return element('span', { class: 'key' }, text);
    const made = element(
      'button',
      { type: 'button', class: 'link key', 'aria-label': `${label}, show line ${location.line}` },
      text,
    );
    made.addEventListener('click', () => {
      host.reveal(location);
    });
    tip(made, () => [
      `${fileName(location.file)}, line ${location.line}`,
      location.file,
      'Click to show the line.',
    ]);
    return made;
  };

  const entryRow = (entry: ConfigEntry, findings: readonly Finding[]): HTMLElement => {
    const text = valueText(entry);
    const gate = entry.gate === null ? null : gateTitles[entry.gate];
    const mark = element('span', { class: 'numeral' }, gate?.numeral ?? '');
    if (gate !== null) tip(mark, () => [`Bears on gate ${gate.numeral}: ${gate.title}`, gate.question]);
    const notes = findingNumbers(entry, findings).map((number) => {
      const finding = findings[number - 1];
      const note = element(
        'a',
        { class: 'footnote', href: `#finding-${number}` },
        finding === undefined ? null : icon(finding.severity, finding.severity),
        String(number),
      );
      note.setAttribute('aria-label', `Finding ${number}`);
      tip(note, () => (finding === undefined ? [] : [`Finding ${number}`, finding.message]));
      return note;
    });
    const isDefault = entry.origin === 'default';
    return element(
      'li',
      { class: `entry ${entry.origin}` },
      mark,
      link(entry.key, entry.location, `${entry.key} ${text}`),
      element('span', { class: 'value' }, text),
      element('span', { class: 'notes' }, ...notes),
      isDefault || entry.defaultNote !== null
        ? element(
            'span',
            { class: 'origin' },
            isDefault
              ? `default${entry.defaultNote === null ? '' : `: ${entry.defaultNote}`}`
              : (entry.defaultNote ?? ''),
          )
        : null,
    );
  };

  const configPart = ({ config, findings }: TrainingEvidence): HTMLElement[] => {
    if (config === null) {
      return [
        element(
          'p',
          { class: 'absent' },
          'No training config was found beside the tuned checkpoint. Choose one to see which setting explains each gate, and how many weights one step could move.',
        ),
      ];
    }
    const kind = {
      rl: 'reinforcement learning',
      sft: 'supervised',
      preference: 'preference',
      pretrain: 'pretraining',
      unknown: '',
    }[config.kind];
    const name = [config.framework, config.frameworkVersion].filter(Boolean).join(' ');
    return [
      element(
        'p',
        { class: 'framework' },
        element('span', {}, [name, kind].filter(Boolean).join(' · ')),
        ...config.files.map((file) => element('span', { class: 'file', title: file }, fileName(file))),
      ),
      ...configGroups(config.entries).flatMap(({ title, entries }) => [
        element('h3', {}, title),
        element('ul', { class: 'entries' }, ...entries.map((entry) => entryRow(entry, findings))),
      ]),
    ];
  };

  const help = element('button', { type: 'button', class: 'quiet' }, 'All findings explained');
  help.addEventListener('click', () => {
    host.act('openFindingsHelp');
  });
  tip(help, () => ['Opens the list of everything that can be found in a training config, with its sources']);

  const findingPart = (findings: readonly Finding[]): HTMLElement[] => {
    if (findings.length === 0) return [element('p', { class: 'finding-help' }, help)];
    return [
      element(
        'div',
        { class: 'finding-head' },
        element('h3', {}, `Findings (${findings.length})`),
        element('span', { class: 'grow' }),
        help,
      ),
      element(
        'ol',
        { class: 'findings' },
        ...findings.map((finding, index) =>
          element(
            'li',
            { id: `finding-${index + 1}`, class: finding.severity, tabindex: -1 },
            icon(finding.severity, finding.severity),
            element(
              'div',
              {},
              element(
                'p',
                { class: 'finding-message' },
                element('span', { class: 'hidden-text' }, `${finding.severity}: `),
                `${index + 1}. ${finding.message}`,
              ),
              finding.evidence === null ? null : element('p', {}, finding.evidence),
              element('p', {}, finding.nextStep),
              element(
                'p',
                { class: 'dim' },
                finding.source,
                ...(finding.location === null ? [] : [' · ', link('show line', finding.location, 'Show')]),
              ),
            ),
          ),
        ),
      ),
    ];
  };

  return {
    root,
    update({ document }, previous) {
      const report = document?.report ?? null;
      show(root, report !== null);
      if (report === null) return;
      const { training, options } = report;
      if (training === previous?.document?.report?.training) return;
      replaceChildren(
        body,
        ...configPart(training),
        ...logPart(training.logs, options.thresholds.klNatsPerToken),
        ...findingPart(training.findings),
        ...training.problems.map((each) => element('p', { class: 'absent' }, each.message)),
      );
    },
  };
}

const signalTitles: Record<LogSeries['signal'], string> = {
  klReference: 'KL to the reference',
  klStep: 'KL of one step (old policy to new), not the anchor',
  klMismatch: 'KL between sampler and trainer, not the anchor',
  entropy: 'Entropy',
  reward: 'Reward',
  responseLength: 'Mean response length in tokens',
  learningRate: 'Learning rate',
  gradNorm: 'Gradient norm',
  loss: 'Loss',
};

function logPart(logs: readonly LogSeries[], klLimit: number): HTMLElement[] {
  if (logs.length === 0) return [];
  const order = Object.keys(signalTitles);
  const sorted = [...logs].sort((one, other) => order.indexOf(one.signal) - order.indexOf(other.signal));
  return [
    element('h3', {}, 'Training log'),
    element('div', { class: 'logs' }, ...sorted.map((each) => logRow(each, klLimit))),
  ];
}

function logRow(series: LogSeries, klLimit: number): HTMLElement {
  const anchor = series.signal === 'klReference';
  const row = element(
    'div',
    { class: `log${anchor ? ' anchor' : ''}` },
    element(
      'div',
      { class: 'log-line' },
      element('span', {}, signalTitles[series.signal]),
      element(
        'span',
        { class: 'number' },
        `${formatNumber(series.last)}${series.unit === null ? '' : ` ${series.unit}`}`,
      ),
    ),
    sparkline(series, anchor ? 44 : 22),
    anchor
      ? element(
          'p',
          { class: 'dim' },
          `mean ${formatNumber(series.mean)} · peak ${formatNumber(series.peak)} · loose above ${formatNumber(klLimit)}${series.estimator === null ? '' : ` · ${series.estimator} estimator`}`,
        )
      : null,
  );
  tip(row, () => [
    signalTitles[series.signal],
    `${series.key} in ${fileName(series.file)}, ${series.count} values`,
    `mean ${formatNumber(series.mean)}, peak ${formatNumber(series.peak)}`,
  ]);
  return row;
}

function fileName(path: string): string {
  return path.split(/[\\/]/u).at(-1) ?? path;
}
