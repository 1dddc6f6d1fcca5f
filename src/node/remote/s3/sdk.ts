// What is used of the S3 SDK. It is a bundle of its own, dist/s3.cjs, and loaded where an s3 address is read alone.
export { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
