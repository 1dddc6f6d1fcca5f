// What is used of undici. It is a bundle of its own, dist/undici.cjs, and loaded where a proxy is named alone.
export { EnvHttpProxyAgent, fetch } from 'undici';
