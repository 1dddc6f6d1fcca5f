// ETags of S3: listings and replies quote them, or not.

export function unquoted(etag: string): string {
  return etag.replace(/^"(.*)"$/, '$1');
}

/**
 * What names an object's content. An ETag of S3 is an MD5 of the bytes, or of its parts with their number, or unique where
 * the bytes are encrypted: equal ones of equal size are equal bytes. Other storage may number its contents, so that such
 * an ETag means something at its own address alone.
 */
export function identityOf(place: string, etag: string, size: number): string {
  return /^[0-9a-f]{32}(?:-\d+)?$/i.test(etag) ? `etag:${etag}:${size}` : `s3:${place}:${etag}:${size}`;
}
