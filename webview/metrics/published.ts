// Published reference points that stand beside a measured value: one model family each, so anchors and not laws.
// Shares are 0…1, angles in degrees. A band with `from` = `to` is a single published number.

export type PublishedRegime = 'SFT' | 'OPD' | 'RLVR';

export interface PublishedBand {
  regime: PublishedRegime;
  from: number;
  to: number;
  /** What the number is, in words. */
  note: string;
  source: string;
}

export const regimeNames: Record<PublishedRegime, string> = {
  SFT: 'supervised fine-tuning',
  OPD: 'on-policy distillation',
  RLVR: 'reinforcement learning with verifiable rewards',
};

const threeGate = 'Zhu et al., arXiv 2511.08567, 15 public pairs';
const distillation = 'arXiv 2606.07082, Qwen3-8B';

function band(
  regime: PublishedRegime,
  from: number,
  to: number,
  note: string,
  source: string,
): PublishedBand {
  return { regime, from, to, note, source };
}

/** Published bands by metric id; metrics that nobody has published numbers for are absent. */
export const publishedBands: Readonly<Record<string, readonly PublishedBand[]>> = {
  sparsityBf16: [
    band('SFT', 0.006, 0.188, '0.6–18.8 %', threeGate),
    band('RLVR', 0.36, 0.92, '36–92 %', threeGate),
    band('SFT', 0.081, 0.081, '8.1 %', distillation),
    band('OPD', 0.516, 0.516, '51.6 %', distillation),
    band('RLVR', 0.772, 0.772, '77.2 %', distillation),
  ],
  spectralDriftTopK: [
    band('RLVR', 1e-5, 1e-5, 'about 1e-5', distillation),
    band('OPD', 1e-4, 1e-4, 'about 1e-4', distillation),
    band('SFT', 1e-3, 1e-3, 'about 1e-3', distillation),
  ],
  rotationMeanDeg: [
    band('RLVR', 0.01, 0.5, 'under 0.5°', distillation),
    band('OPD', 1, 1, 'about 1°', distillation),
    band('SFT', 10, 90, 'over 10°', distillation),
  ],
  lowMagnitudeLift: [
    band('SFT', 1.06, 1.06, '×1.06 (overlap 0.319)', distillation),
    band('OPD', 1.79, 1.79, '×1.79 (overlap 0.536)', distillation),
    band('RLVR', 2.45, 2.45, '×2.45 (overlap 0.735)', distillation),
  ],
};
