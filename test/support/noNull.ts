// Made-up numbers beside no null: what the size-matched null adds to metrics, all absent.

const nullReason = 'Made-up numbers have no null.';

const noLifts = {
  principalLiftExpected: null,
  lowMagnitudeLiftExpected: null,
  principalNotLowLiftExpected: null,
  lowNotPrincipalLiftExpected: null,
  nonPrincipalOrLowLiftExpected: null,
};

/** Of one matrix. */
export const noMatrixNull = {
  ...noLifts,
  spectralEnergyRatio: null,
  rotationMeanExpectedDeg: null,
  spectralDriftTopKExpected: null,
  nullReason,
  rotationLeftMeanExpectedDeg: null,
  rotationRightMeanExpectedDeg: null,
};

/** Of the readings that are judged. */
export const noReadingsNull = {
  beside: { rotationMeanDeg: null, spectralDriftTopK: null },
  rotationMeanExpectedDeg: null,
  spectralDriftTopKExpected: null,
  nullReason,
  principalLiftExpected: null,
  lowMagnitudeLiftExpected: null,
  principalEnergy: null,
  principalEnergyExpected: null,
};
