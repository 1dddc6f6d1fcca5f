// Everything that dist/kernels.wasm exports. One file a concern; this one only lists them.
export * from './tally';
export * from './decode';
export * from './compare';
export * from './bytes';
