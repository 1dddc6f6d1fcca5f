// Published reference points, each with the statistic that it belongs to: a band stands on the scale of that statistic alone,
// computed as its source computes it (`publishedStatistics.ts`), never beside a pooled or truncated relative of it. One model
// family each, so anchors and not laws. Shares are 0…1, angles in degrees. A band with `from` = `to` is a single number.

export type PublishedRegime = 'SFT' | 'OPD' | 'RLVR';

export interface PublishedBand {
  regime: PublishedRegime;
  from: number;
  to: number;
  /** What the number is, in words. */
  note: string;
  source: string;
}

/** The statistics that there are published numbers of. */
export type PublishedScaleId =
  | 'sparsityBf16'
  | 'meanSpectralDriftFull'
  | 'largestMaxAngleDeg'
  | 'angleCurveEndDeg'
  | 'meanLowMagnitudeOverlap'
  | 'meanPrincipalOverlap';

interface PublishedScale {
  title: string;
  /** What is computed over what, in words. */
  statistic: string;
  bands: readonly PublishedBand[];
}

const threeGate = 'Zhu et al., arXiv 2511.08567, Table 1, 15 public pairs';
const distillation = 'arXiv 2606.07082, Qwen3-8B';

/** By regime: from, to, note. */
type Points = Partial<Record<PublishedRegime, readonly [from: number, to: number, note: string]>>;

function bands(source: string, points: Points): PublishedBand[] {
  return (['SFT', 'OPD', 'RLVR'] as const).flatMap((regime) => {
    const point = points[regime];
    return point === undefined ? [] : [{ regime, from: point[0], to: point[1], note: point[2], source }];
  });
}

export const publishedScales: Readonly<Record<PublishedScaleId, PublishedScale>> = {
  sparsityBf16: {
    title: 'Unchanged in bf16',
    statistic: 'whole model, weighted by parameters',
    bands: [
      ...bands(threeGate, {
        SFT: [0.006, 0.188, '0.6–18.8 %'],
        RLVR: [0.36, 0.92, '36–92 %'],
      }),
      ...bands(`${distillation}, Table 1`, {
        SFT: [0.081, 0.081, '8.1 %'],
        OPD: [0.516, 0.516, '51.6 %'],
        RLVR: [0.772, 0.772, '77.2 %'],
      }),
    ],
  },
  meanSpectralDriftFull: {
    title: 'Spectral drift, all singular values',
    statistic: 'mean over matrices, each counting once',
    bands: bands(`${distillation}, App. C.3`, {
      SFT: [1e-3, 1e-3, 'about 1e-3'],
      OPD: [1e-4, 1e-4, 'about 1e-4'],
      RLVR: [1e-5, 1e-5, 'about 1e-5'],
    }),
  },
  largestMaxAngleDeg: {
    title: 'Largest angle of any matrix',
    // arXiv 2511.08567, Fig. 4, draws it for every matrix and gives no range in numbers.
    statistic: 'largest principal angle of each matrix, as in arXiv 2511.08567, Fig. 4',
    bands: [],
  },
  angleCurveEndDeg: {
    title: 'Upper end of the angle curve',
    statistic: 'one matrix of the middle layer, its 512 leading directions or half of them all',
    bands: bands(`${distillation}, § 3.2`, {
      SFT: [10, 90, 'over 10°'],
      OPD: [1, 1, 'about 1°'],
      RLVR: [0, 0.5, 'under 0.5°'],
    }),
  },
  meanLowMagnitudeOverlap: {
    title: 'Overlap with low-magnitude weights',
    statistic: 'mean over matrices, each counting once, α = 0.3',
    bands: bands(`${distillation}, Fig. 3`, {
      SFT: [0.319, 0.319, '0.319 (×1.06)'],
      OPD: [0.536, 0.536, '0.536 (×1.79)'],
      RLVR: [0.735, 0.735, '0.735 (×2.45)'],
    }),
  },
  meanPrincipalOverlap: {
    title: 'Overlap with principal weights',
    statistic: 'mean over matrices, each counting once, rank 64, α = 0.3',
    bands: bands(`${distillation}, Fig. 3`, {
      SFT: [0.297, 0.297, '0.297 (×0.99)'],
      OPD: [0.273, 0.273, '0.273 (×0.91)'],
      RLVR: [0.267, 0.267, '0.267 (×0.89)'],
    }),
  },
};

/** Bands by metric id, for the metrics of the gates that are themselves a published statistic, of the whole model. */
export const publishedBands: Readonly<Record<string, readonly PublishedBand[]>> = {
  sparsityBf16: publishedScales.sparsityBf16.bands,
};

/** Overlap |U_a∩U_b|/|U_a∪U_b| of two RLVR runs of one base, and of random masks of their sizes. */
export const publishedJaccard = {
  measured: [0.55, 0.6],
  random: [0.37, 0.47],
  statistic: 'one block, five runs',
  source: 'arXiv 2511.08567, Table 2',
} as const;
