// Every command, below `threeGate.`; package.json contributes exactly these, which a test holds.
export const commandIds = [
  'analyzePair',
  'compareSelected',
  'selectBase',
  'compareWithBase',
  'compareWith',
  'openComparison',
  'rerun',
  'cancel',
  'swap',
  'saveComparison',
  'chooseConfig',
  'exportReport',
  'openAsJson',
  'showRuns',
  'clearCache',
  'showLog',
  'openDemo',
  'exportMask',
  'compareRuns',
  'explainFinding',
  'disableFinding',
] as const;

export type CommandId = (typeof commandIds)[number];
