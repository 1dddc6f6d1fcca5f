// Names that package.json and the code share.
export const pairViewType = 'threeGate.pair';
export const reportViewType = 'threeGate.report';
export const shardsViewType = 'threeGate.shards';
export const headerViewType = 'threeGate.header';
export const runsViewType = 'threeGate.runs';
export const sideBySideViewType = 'threeGate.sideBySide';
