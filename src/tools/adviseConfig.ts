// The tool `advise_config`.
import { adviseOn } from '../engine/trainingConfig/adviseOn.ts';
import type { ConfigEntry, TrainingEvidence } from '../shared/report/training.ts';
import type { AdviceAnswer } from './answers.ts';
import { cut, findingAnswers, fitting, placeText, problemTexts } from './parts.ts';
import { reportOf } from './reportOf.ts';
import type { ToolResult, ToolServices } from './services.ts';
import type { ToolInputs } from './toolInput.ts';
import { adviceWords } from './words.ts';

const mostEntries = 30;

export async function adviseConfig(
  services: ToolServices,
  { configs, report: name }: ToolInputs['advise_config'],
): Promise<ToolResult<'advise_config'>> {
  const { files, admit } = services;
  const configPaths = await Promise.all(configs.map(admit));
  const report = name === undefined ? null : await reportOf(services, name);
  const evidence = await adviseOn(files, { configPaths, report, disabled: [] });
  return { answer: adviceAnswer(evidence), words: adviceWords(evidence), attachments: [] };
}

function adviceAnswer({ config, findings, problems }: TrainingEvidence): AdviceAnswer {
  const entries = config?.entries ?? [];
  return {
    framework: config === null ? null : [config.framework, config.frameworkVersion].filter(Boolean).join(' '),
    kind: config?.kind ?? null,
    files: (config?.files ?? []).slice(0, 10).map((file) => cut(file)),
    entries: fitting(entries.slice(0, mostEntries).map(entryAnswer), 4000),
    entriesInAll: entries.length,
    findings: findingAnswers(findings, 8),
    findingsInAll: findings.length,
    problems: problemTexts(problems),
  };
}

function entryAnswer({ key, value, origin, location }: ConfigEntry): AdviceAnswer['entries'][number] {
  return {
    key: cut(key, 80),
    value: cut(Array.isArray(value) ? value.join(', ') : String(value), 80),
    origin,
    place: location === null ? null : placeText({ ...location, file: baseName(location.file) }),
  };
}

function baseName(file: string): string {
  return file.replace(/^.*[/\\]/, '');
}
