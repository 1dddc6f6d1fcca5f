// The version of this build, from the package it is shipped in.
export { version } from '../../../package.json';
