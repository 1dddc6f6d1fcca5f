// Two reports beside each other: what differs of the whole model. Plain JSON; every text is ready to be shown.

export interface ReportDifference {
  /** What differs, for people: "Relative drift ‖Δ‖/‖W‖". */
  title: string;
  /** In the report that was opened, and in the other one. */
  values: [one: string, other: string];
}

export interface ReportsCompared {
  /** The other report's file. */
  file: string;
  /** Its pair: "base → tuned". */
  pair: string;
  /** Regime and gate words, readings beyond size, then numbers; each only where the two differ. */
  differences: ReportDifference[];
  /** How many words and numbers are the same in both. */
  same: number;
}
