// Messages between the extension host and the header view of a *.safetensors file.
import type { CheckpointListing } from './engineProtocol.ts';
import type { Problem } from '../errors.ts';

/** What the view shows: the file's header, or why it cannot be read. */
export type HeaderDocument =
  { listing: CheckpointListing; problem: null } | { listing: null; problem: Problem };

/** Host → page. */
export interface HeaderEvents {
  /** The file changed on disk. */
  document: HeaderDocument;
}

/** Page → host. */
export interface HeaderMethods {
  ready: { params: Record<string, never>; result: HeaderDocument };
  compareWith: { params: Record<string, never>; result: null };
  copy: { params: { text: string }; result: null };
}
