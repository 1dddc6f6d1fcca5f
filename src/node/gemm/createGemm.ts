// Chooses the matrix-multiply engine: the native ONNX Runtime where it loads and passes a self-check, else its
// WebAssembly build. The reason for a fallback travels with the result, for the report.
import { createRequire } from 'node:module';
import { asProblem, ThreeGateError } from '../../shared/errors.ts';
import type { GemmChoice } from '../../shared/options/options.ts';
import type { Gemm, OpenedGemm } from '../../engine/linalg/gemm.ts';
import { OrtGemm, type OrtModule } from './ortGemm.ts';

// Loaded on demand, so that a missing or foreign native library is an error of this function, not of start-up.
const load = createRequire(import.meta.url);

/** Throws `gemm-unavailable` when the chosen engine (or, for `auto`, neither) works. */
export async function createGemm(choice: GemmChoice, threads: number): Promise<OpenedGemm> {
  if (choice === 'wasm') return { gemm: await createWasm(threads), fallbackReason: null };
  try {
    return { gemm: await createNative(threads), fallbackReason: null };
  } catch (error) {
    const reason = asProblem(error).message;
    if (choice === 'native') {
      throw new ThreeGateError('gemm-unavailable', `The native matrix engine cannot be used: ${reason}`);
    }
    return { gemm: await createWasm(threads), fallbackReason: reason };
  }
}

async function createNative(threads: number): Promise<Gemm> {
  // Releases from 1.29 on report usage over the network unless told not to before they load. The pinned one has no such
  // code; this holds should a later one ever be installed in its place.
  process.env['ORT_DISABLE_TELEMETRY'] = '1';
  const ort = load('onnxruntime-node') as OrtModule;
  return checked(new OrtGemm(ort, 'native', 'onnxruntime-node', threads));
}

async function createWasm(threads: number): Promise<Gemm> {
  const ort = load('onnxruntime-web') as OrtModule & { env: { wasm: { numThreads: number } } };
  ort.env.wasm.numThreads = threads;
  return checked(new OrtGemm(ort, 'wasm', 'onnxruntime-web', threads));
}

/** A library that loads may still compute wrongly on a processor it was not built for: one product per type is checked. */
async function checked(gemm: Gemm): Promise<Gemm> {
  const [m, n, k] = [5, 3, 67];
  // Small integers, so that both results are exact: A[i,p] = i + p mod 11, B[p,j] = p − j mod 13.
  const a = Float64Array.from({ length: m * k }, (_, at) => (Math.floor(at / k) + (at % k)) % 11);
  const b = Float64Array.from({ length: k * n }, (_, at) => (n + Math.floor(at / n) - (at % n)) % 13);
  const expected = Float64Array.from({ length: m * n }, (_, at) => {
    let sum = 0;
    for (let p = 0; p < k; p++) sum += ((Math.floor(at / n) + p) % 11) * ((n + p - (at % n)) % 13);
    return sum;
  });
  const doubles = await gemm.multiply64({ m, n, k }, a, b);
  const singles = await gemm.multiply32({ m, n, k }, Float32Array.from(a), Float32Array.from(b));
  const right = expected.every((value, at) => doubles[at] === value && singles[at] === value);
  if (!right) throw new ThreeGateError('gemm-self-check', `${gemm.library} failed its start-up self-check.`);
  return gemm;
}
