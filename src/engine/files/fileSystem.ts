// What the engine needs of a file system: positional reads, listings and paths. Implemented in src/node.
// Every failure is a ThreeGateError that names the path.

/** One open file, read by position: never whole. */
export interface ByteSource {
  readonly path: string;
  readonly size: number;
  /** Fills `target` from `offset`; `file-truncated` when the file ends before that. */
  read(offset: number, target: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

export interface FileStatus {
  kind: 'file' | 'directory' | 'other';
  size: number;
  modifiedMs: number;
  /** What names the content, where it is known without reading it; two equal ones are equal bytes. */
  identity?: string;
}

export interface FileSystem {
  /** Null when nothing is there. Symbolic links are followed. */
  stat(path: string): Promise<FileStatus | null>;
  /** Names in a directory, sorted. */
  list(directory: string): Promise<string[]>;
  open(path: string): Promise<ByteSource>;
  /** A small text file, whole; `header-too-large` beyond `maxBytes`. */
  readText(path: string, maxBytes: number): Promise<string>;
  resolve(...parts: string[]): string;
  dirname(path: string): string;
  basename(path: string): string;
}
