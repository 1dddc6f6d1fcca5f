// What is used of undici. It is a bundle of its own, dist/undici.cjs, and loaded with the first request.
export { Agent, EnvHttpProxyAgent, request, type Dispatcher } from 'undici';
