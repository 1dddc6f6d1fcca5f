// Where bytes come from that do not lie on this machine: the engine knows nothing else of remote places.

/** Takes bytes in their order, and is done with them when it returns: their memory is used again. */
export type TakeBytes = (bytes: Uint8Array) => void;

/** One file, whatever lies behind it. */
export interface RangeSource {
  /** For people and for errors; holds no signature and no token. */
  readonly address: string;
  readonly size: number;
  /** What names the content: a hash of it, or the server's ETag with the address. Equal identities are equal bytes. */
  readonly identity: string;
  /**
   * Hands on bytes `from` … `to − 1`, each checked to be what was asked for, or rejects with a ThreeGateError that names
   * address and range. Ranges outside the file are refused, empty ones answered without a request. An error of `take` ends it.
   */
  read(range: { from: number; to: number }, take: TakeBytes, signal: AbortSignal): Promise<void>;
}

/** Bytes `from` … `to − 1` of a file. */
export interface FileStretch {
  file: string;
  from: number;
  to: number;
}

/** Bytes `from` … `to − 1` of a remote file's content, in a file of their own on this machine. */
export interface Segment {
  from: number;
  to: number;
  path: string;
}

/** Segments by remote file, in order; they stay until they are released. */
export interface HeldBytes {
  segments: Record<string, Segment[]>;
  release(): void;
}

/** Brings what worker threads read to this machine. */
export interface BytesOnDisk {
  /** @param stretches of remote files */
  hold(stretches: readonly FileStretch[], signal: AbortSignal): Promise<HeldBytes>;
}
