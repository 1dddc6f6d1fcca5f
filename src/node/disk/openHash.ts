// SHA-256 as the engine's ports ask for it.
import { createHash } from 'node:crypto';

interface Sha256 {
  update(bytes: Uint8Array): void;
  /** Hexadecimal. */
  digest(): string;
}

export function openHash(): Sha256 {
  const hash = createHash('sha256');
  return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest('hex') };
}
