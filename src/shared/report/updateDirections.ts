// The leading directions of the updates of one matrix: singular vectors of Δ = Ŵ − W (m × n), of every run. Plain JSON.

/** So many leading directions: their share of ‖Δ‖²_F is told. */
export const leadingCounts = [1, 8, 16, 64] as const;

/** Right singular directions that two updates are compared by. */
export const comparedDirections = 16;

export interface DirectionSimilarity {
  /** Positions in `runs`, a < b. */
  a: number;
  b: number;
  /** 16, or as many as both updates have. */
  width: number;
  /** Sim = ‖V_aᵀV_b‖²_F/width over the leading right singular vectors: 1 is the same subspace. */
  similarity: number;
  /** width/n: what two random subspaces of this width have in common. */
  chance: number;
  /**
   * The same of the two updates with random signs: what large rows and columns that both share give without any direction. It is
   * above `chance` where elements differ in size.
   */
  randomSigns: number;
}

export interface UpdateDirections {
  /**
   * Σ_{i≤r}σ_i²/‖Δ‖²_F for r of `leadingCounts`, a list for each run; null where its update is zero. As many directions as the
   * matrix has where it has fewer.
   */
  shares: (number[] | null)[];
  /**
   * The same of noise of that size: every entry of Δ as large as it is, its sign drawn at random from a fixed seed. What is above
   * it has a direction, and is not rounding.
   */
  floor: (number[] | null)[];
  pairs: DirectionSimilarity[];
  /** Largest ‖ΔᵀU − VΣ‖/σ₁ of the directions compared: the error that travels with the numbers. */
  residual: number;
}
