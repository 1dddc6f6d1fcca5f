// How much of remote checkpoints is read before anybody has seen the number.

/** Bytes that one analysis may read without a word from the user. */
export const unaskedRemoteBytes = 2e9;
