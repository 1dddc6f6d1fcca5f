// The numbers of the three gates for one tensor or for a pool of tensors. Field names are those of the metric
// definitions (docs/reading-a-verdict.md). Shares are in 0…1, angles in degrees, energies dimensionless.
// W is a base tensor, Ŵ its tuned partner, Δ = Ŵ − W. `null` = not defined here, never "zero".

/** Changed elements by how many bf16 steps they moved. Sign changes are counted apart, so the bins add up to the changed count. */
export interface UlpHistogram {
  one: number;
  two: number;
  threeToFour: number;
  fiveToEight: number;
  nineToSixteen: number;
  overSixteen: number;
  signFlips: number;
}

/** Exact counts behind the shares of Gate III; pooling adds these. */
export interface PrecisionCounts {
  /** Elements compared: both sides finite. */
  compared: number;
  /** Elements left out because a side is NaN or infinite. */
  nonFinite: number;
  /** |U|: elements changed in the bf16 view. */
  changedBf16: number;
  /** Elements that differ as stored. */
  rawChanged: number;
  /** Elements that differ as stored but not in the bf16 view. */
  hidden: number;
  unchangedAbs1e5: number;
  /** Base elements with ½·ULP_bf16(w) > the peak learning rate; null when no learning rate is known. */
  absorbed: number | null;
}

/** Gate III. Source: arXiv 2511.08567, Def. 2.1–2.2; absolute tolerance as in arXiv 2505.11711. */
export interface PrecisionMetrics {
  sparsityBf16: number;
  rawChanged: number;
  /** Of the raw-changed, the share unchanged in the bf16 view; null when nothing changed. */
  hiddenByBf16: number | null;
  unchangedAbs1e5: number;
  ulpHistogram: UlpHistogram;
  absorbedShare: number | null;
  counts: PrecisionCounts;
  /**
   * What a random update of the same size would give (size-matched null): unchanged share in the bf16 view, and the
   * expected number of elements per bin. Null where nothing changed, or the tuned side's storage has no null.
   */
  sparsityBf16Expected: number | null;
  ulpHistogramExpected: UlpHistogram | null;
}

/** Where in a matrix the changes sit; only per tensor. */
export interface StripeMetrics {
  /** Changed share per row, averaged into at most 256 bins of consecutive rows. */
  rowDensity: number[];
  columnDensity: number[];
  /** Variance of the per-row (per-column) density over its binomial variance, at full resolution: 1 is random, ≫ 1 stripes. */
  rowStripe: number | null;
  columnStripe: number | null;
}

export interface TensorPrecision extends PrecisionMetrics {
  stripe: StripeMetrics | null;
  /** Base elements by biased bf16 exponent (256 bins): gives absorbedShare for any learning rate. */
  baseExponents: number[];
}

/** Gate I, weight side. Sums in float64. */
export interface AnchorMetrics {
  deltaFrobenius: number;
  baseFrobenius: number;
  /** ‖Δ‖_F/‖W‖_F; null when ‖W‖_F = 0. */
  relativeDrift: number | null;
  maxAbsDelta: number;
  rmsDelta: number;
  /** Share of ‖Δ‖²_F in the 1 % of elements with the largest |Δ|; null when Δ = 0. */
  topPercentEnergy: number | null;
}

/** Counts behind the mask lifts: |S| and |S∩U| for each set S, with U the changed elements of the bf16 view. */
export interface MaskCount {
  size: number;
  changed: number;
  /** E|S∩U| under the size-matched null; null where it is not defined. */
  changedExpected: number | null;
}

export interface MaskCounts {
  elements: number;
  changed: number;
  /** E|U| under the size-matched null; null where it is not defined. */
  changedExpected: number | null;
  principal: MaskCount;
  lowMagnitude: MaskCount;
  principalNotLow: MaskCount;
  lowNotPrincipal: MaskCount;
  nonPrincipalOrLow: MaskCount;
}

/** Lifts (|S∩U|/|S|)/(|U|/n): 1 is random. All null where |U| is 0 or n, or |S| = 0. */
export interface MaskMetrics {
  principalLift: number | null;
  /** |M∩U|/|U|, the published form. */
  principalOverlap: number | null;
  lowMagnitudeLift: number | null;
  lowMagnitudeOverlap: number | null;
  principalNotLowLift: number | null;
  lowNotPrincipalLift: number | null;
  nonPrincipalOrLowLift: number | null;
  /** The same under the size-matched null: what bf16 makes of a random update of that size. */
  principalLiftExpected: number | null;
  lowMagnitudeLiftExpected: number | null;
  principalNotLowLiftExpected: number | null;
  lowNotPrincipalLiftExpected: number | null;
  nonPrincipalOrLowLiftExpected: number | null;
  maskCounts: MaskCounts;
}

/** Share of ‖Δ‖²_F inside the leading subspaces, each beside its isotropic expectation k²/mn, k/m, k/n. Null when Δ = 0. */
export interface EnergyMetrics {
  principalEnergy: number | null;
  principalEnergyExpected: number;
  leftEnergy: number | null;
  leftEnergyExpected: number;
  rightEnergy: number | null;
  rightEnergyExpected: number;
  /** Σ_{i≤k}(u_iᵀΔv_i)²·mn/(k·‖Δ‖²_F): 1 is isotropic, the step size drops out (after arXiv 2607.19331). Null when Δ = 0. */
  spectralEnergyRatio: number | null;
}

/** A number under the size-matched null, and the range that 5–95 % of its draws lie in. */
export interface NullRange {
  mean: number;
  low: number;
  high: number;
}

/** Rotation and drift of a random update of the same ‖Δ‖_F (size-matched null); null outside the range of its theory. */
export interface NullGeometry {
  rotationLeftMeanExpectedDeg: NullRange | null;
  rotationRightMeanExpectedDeg: NullRange | null;
  /** Of the mean over both sides. */
  rotationMeanExpectedDeg: NullRange | null;
  spectralDriftTopKExpected: NullRange | null;
  /** Why these are null; null where they are there. */
  nullReason: string | null;
}

/**
 * Gate II of one matrix (m × n), or of a stack of them pooled (`matrices` > 1: energies pooled, angles weighted
 * equally, curves and singular values those of the matrix with the largest rotation, `shown`).
 */
export interface GeometryMetrics extends MaskMetrics, EnergyMetrics, NullGeometry {
  rows: number;
  columns: number;
  matrices: number;
  shown: number;
  /** k. */
  rank: number;
  /** k leading singular values, descending. */
  sigmaBase: number[];
  sigmaTuned: number[];
  /** ‖σ̂−σ‖₂/‖σ‖₂ over the k leading. */
  spectralDriftTopK: number | null;
  /** Bound on its error from the residuals; a value below it is below resolution. */
  spectralDriftTopKError: number | null;
  /** The same over all min(m,n), where computed. */
  spectralDriftFull: number | null;
  /** ‖Δ‖_F/‖W‖_F ≥ full drift (Mirsky). */
  spectralDriftBound: number | null;
  /** Principal angles between the leading left subspaces, ascending. */
  rotationLeftCurveDeg: number[];
  rotationLeftMeanDeg: number;
  rotationLeftMaxDeg: number;
  rotationRightCurveDeg: number[];
  rotationRightMeanDeg: number;
  rotationRightMaxDeg: number;
  /** Bound on the error of the largest angle from residuals over the gap; 90 where the gap does not separate the subspace. */
  rotationErrorDeg: number;
  /** σ_k − σ_{k+1} of the base; null when k = min(m,n). */
  gap: number | null;
  /** min(1, ‖Δ‖₂/gap): bound on the sine of the largest angle (Wedin). */
  wedinBound: number;
  deltaSpectralNorm: number;
  /** ‖Δ‖²_F/‖Δ‖²₂; null when Δ = 0. */
  deltaStableRank: number | null;
  /** max_i max(‖Wv_i−σ_iu_i‖, ‖Wᵀu_i−σ_iv_i‖)/σ₁ over the pairs returned, the larger of both sides. */
  residual: number;
  /** Passes over W and Wᵀ that the decomposition of both sides took. */
  passes: number;
}

/** Gate II pooled over matrices: energies and counts added, then divided; rotation weighted by parameters. */
export interface GeometryPool
  extends
    MaskMetrics,
    Pick<NullGeometry, 'rotationMeanExpectedDeg' | 'spectralDriftTopKExpected' | 'nullReason'> {
  matrices: number;
  /** Matrix elements pooled. */
  elements: number;
  spectralDriftTopK: number | null;
  /** Bound on its error, from those of the matrices; absent in reports written before it was kept. */
  spectralDriftTopKError?: number | null;
  spectralDriftBound: number | null;
  rotationMeanDeg: number;
  rotationMaxDeg: number;
  /** Bounds on the errors of both, degrees; absent in reports written before they were kept. */
  rotationMeanErrorDeg?: number;
  rotationMaxErrorDeg?: number;
  principalEnergy: number | null;
  principalEnergyExpected: number | null;
  leftEnergy: number | null;
  leftEnergyExpected: number | null;
  rightEnergy: number | null;
  rightEnergyExpected: number | null;
  spectralEnergyRatio: number | null;
  /** What was measured of the matrices that have a null, where that is at least half of the elements; null elsewhere. */
  besideNull: { share: number; rotationMeanDeg: number; spectralDriftTopK: number | null } | null;
  /** Largest residual in the pool. */
  residual: number;
}
