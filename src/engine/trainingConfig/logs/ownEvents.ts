// What the names of this tool's own event files end in: they are no log of a trainer.
export const ownEvents = '.three-gate';
