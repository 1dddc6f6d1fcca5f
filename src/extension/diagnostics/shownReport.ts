// A report as the panel shows it: without the findings that the user switched off. What is kept and exported has them all.
import type { Report } from '../../shared/report/report.ts';
import type { AnalysisEvent } from '../../shared/protocol/analysisEvents.ts';
import type { TrainingEvidence } from '../../shared/report/training.ts';
import { isShown } from './disabledFindings.ts';

export function shownReport(report: Report): Report {
  return { ...report, training: shownTraining(report.training) };
}

export function shownEvent(event: AnalysisEvent): AnalysisEvent {
  switch (event.kind) {
    case 'started':
    case 'finished':
      return { ...event, report: shownReport(event.report) };
    case 'training':
      return { ...event, training: shownTraining(event.training) };
    default:
      return event;
  }
}

function shownTraining(training: TrainingEvidence): TrainingEvidence {
  return { ...training, findings: training.findings.filter(isShown) };
}
