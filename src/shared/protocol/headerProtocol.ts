// Messages between the extension host and the header view of a *.safetensors file.
import type { CheckpointListing, PackedListing } from './engineProtocol.ts';
import type { Problem } from '../errors.ts';

/** What the view shows: the file's header, or why it cannot be read. */
export type HeaderDocument = DocumentOf<CheckpointListing>;
/** The same as it is sent. */
export type PackedDocument = DocumentOf<PackedListing>;

type DocumentOf<Listing> = { listing: Listing; problem: null } | { listing: null; problem: Problem };

/** Host → page. */
export interface HeaderEvents {
  /** The file changed on disk. */
  document: PackedDocument;
}

/** Page → host. */
export interface HeaderMethods {
  /** Reads the header, again where it was asked before. */
  ready: { params: Record<string, never>; result: PackedDocument };
  /** Lets the user give a token for the Hub. */
  setToken: { params: Record<string, never>; result: null };
  compareWith: { params: Record<string, never>; result: null };
  copy: { params: { text: string }; result: null };
}
