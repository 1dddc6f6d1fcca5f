// What the tools for assistants answer: small, plain JSON, of which a JSON Schema is made (dist/answers.schema.json). Numbers are
// those of the report, whose schema defines them; what a file calls itself is cut at two hundred characters.
import type { GateName } from '../shared/options/options.ts';

/** One number of a gate, beside what a random update of the same size would show (its size-matched null). */
interface NumberAnswer {
  /** Its field in the report, e.g. `rotationMeanDeg`. */
  metric: string;
  title: string;
  /** As measured; null where it is not. */
  value: number | null;
  /** The same as text, with its unit. */
  measured: string;
  /** The null as text; empty where it has none. */
  ifRandom: string;
  /** What is left beyond the size of the update: less, as random, more or not known; empty without a null. */
  beyondSize: string;
  /** What it says for the gate: holds, neutral, broken or unknown; null where it is only held against the null. */
  vote: string | null;
  /** Where the vote changes: at or beyond `holds`, and at or beyond `broken`; null where it has no vote. */
  limits: { holds: number; broken: number } | null;
  /** Who says so; null where it has no vote. */
  source: string | null;
}

export interface GateAnswer {
  gate: GateName;
  question: string;
  /** One word. */
  verdict: string;
  /** The rule that gave it, with its numbers. */
  rule: string;
  beyondSize: string | null;
  numbers: NumberAnswer[];
}

export interface FindingAnswer {
  id: string;
  severity: 'info' | 'warning';
  message: string;
  /** What was measured for it. */
  evidence: string | null;
  nextStep: string;
  source: string;
  /** `file:line:column`. */
  place: string | null;
}

export interface CheckpointAnswer {
  path: string;
  label: string;
  format: string;
  parameters: number;
  bytes: number;
  /** Parameters per dtype. */
  dtypes: Record<string, number>;
  step: number | null;
}

/** A part of the model and its words. */
export interface PartAnswer {
  name: string;
  /** Of the gates, in order: anchor, geometry, precision. */
  verdicts: string[];
  /** ‖Δ‖_F/‖W‖_F. */
  relativeDrift: number | null;
  /** Mean principal angle, degrees. */
  rotationMeanDeg: number | null;
  /** Share of the weights unchanged in bf16. */
  sparsityBf16: number | null;
  beyondSize: string;
}

export interface AnalysisAnswer {
  /** Names this result to `explain`. */
  report: string;
  base: CheckpointAnswer;
  tuned: CheckpointAnswer;
  status: string;
  regime: string;
  headline: string;
  /** What is left beyond size, what config and logs say, and what the gates hold, in sentences. */
  lines: string[];
  gates: GateAnswer[];
  /** Share of the parameters that were compared. */
  coverage: number;
  /** Tensors that were not compared, and the first reasons. */
  notCompared: { tensors: number; reasons: string[] };
  /** Logged KL to the reference: its last value, or why there is none. */
  kl: { last: number | null; reason: string | null };
  /** Those that moved most; `explain` tells of any. */
  layers: PartAnswer[];
  layersInAll: number;
  modules: PartAnswer[];
  findings: FindingAnswer[];
  findingsInAll: number;
  problems: string[];
}

export interface ExplainAnswer {
  report: string;
  about: { kind: 'model' | 'gate' | 'layer' | 'module' | 'tensor' | 'finding'; name: string };
  gates: GateAnswer[];
  finding: FindingAnswer | null;
  /** Of a layer or a module: its tensors that moved most. */
  tensors: PartAnswer[];
  tensorsInAll: number;
  /** Why there are no numbers. */
  problem: string | null;
}

export interface RunsAnswer {
  base: string;
  runs: string[];
  sentence: string;
  /** Update masks of two runs: |A∩B|/|A∪B|, beside what masks thrown at random would give. */
  pairs: {
    runs: string[];
    jaccard: number | null;
    /** Of masks of the same sizes. */
    expected: number | null;
    /** Of masks of the same size in every tensor. */
    expectedByTensor: number | null;
  }[];
  trajectories: {
    run: string;
    settled: string;
    points: {
      step: number | null;
      label: string;
      regime: string;
      verdicts: string[];
      relativeDrift: number | null;
      rotationMeanDeg: number | null;
      sparsityBf16: number | null;
      kl: number | null;
      problem: string | null;
    }[];
    pointsInAll: number;
  }[];
  problems: string[];
}

export interface AdviceAnswer {
  framework: string | null;
  kind: string | null;
  files: string[];
  entries: {
    key: string;
    value: string;
    /** Stated in a file, the framework's default, or unknown. */
    origin: string;
    place: string | null;
  }[];
  entriesInAll: number;
  findings: FindingAnswer[];
  findingsInAll: number;
  problems: string[];
}

export interface InspectAnswer {
  checkpoint: CheckpointAnswer;
  architecture: string | null;
  namedBase: string | null;
  files: number;
  /** Tensors that match, of those in all. */
  tensorsMatching: number;
  tensorsInAll: number;
  tensors: { name: string; dtype: string; shape: number[]; bytes: number }[];
  /** Where the next ones start; null where there are no more. */
  nextOffset: number | null;
  problems: string[];
}

export interface ListAnswer {
  folders: string[];
  checkpoints: (CheckpointAnswer & { namedBase: string | null })[];
  checkpointsInAll: number;
  nextOffset: number | null;
}

/** By tool. */
export interface Answers {
  analyze_pair: AnalysisAnswer;
  explain: ExplainAnswer;
  compare_runs: RunsAnswer;
  advise_config: AdviceAnswer;
  inspect_checkpoint: InspectAnswer;
  list_checkpoints: ListAnswer;
}

export type ToolName = keyof Answers;
