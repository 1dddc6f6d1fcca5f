// The matrix engine of a run: opened before the first matrix and only once. Where that fails, every matrix's row says why.
import type { OpenedGemm } from '../linalg/gemm.ts';
import type { Decomposer } from './ports.ts';
import type { AnalysisContext } from './analysisContext.ts';

export class MatrixEngine {
  private readonly context: AnalysisContext;
  private gemm: OpenedGemm | null = null;
  private decomposer: Decomposer | null = null;
  private opening: Promise<OpenedGemm> | null = null;

  constructor(context: AnalysisContext) {
    this.context = context;
  }

  get isOpen(): boolean {
    return this.gemm !== null;
  }

  /** Matrices that are decomposed at once; 1 until that is known. */
  get lanes(): number {
    return this.decomposer?.lanes ?? 1;
  }

  /** Inside matrix products so far. */
  get gemmMs(): number {
    return (this.gemm?.gemm.elapsedMs ?? 0) + (this.decomposer?.gemmMs ?? 0);
  }

  /** With the processes that decompose; null where the system does not say. */
  get peakRssBytes(): number | null {
    const own = this.context.ports.machine.peakRssBytes();
    return own === null ? null : own + (this.decomposer?.peakRssBytes ?? 0);
  }

  async open(): Promise<OpenedGemm> {
    const { ports, options, threads, state, emitter } = this.context;
    this.opening ??= ports.openGemm(options.engine, threads);
    const opened = await this.opening;
    if (this.gemm !== null) return opened;
    this.gemm = opened;
    const { gemm, fallbackReason } = opened;
    state.engine = { ...state.engine, gemm: gemm.kind, gemmLibrary: gemm.library, fallbackReason };
    emitter.send({ kind: 'engine', engine: state.engine });
    return opened;
  }

  /** Settles when it is open or has failed to open; at once where nobody has asked for it. */
  async opened(): Promise<void> {
    await this.opening?.catch(() => undefined);
  }

  async openDecomposer(): Promise<Decomposer> {
    const { gemm } = await this.open();
    const { ports, threads, lanes } = this.context;
    this.decomposer ??= ports.openDecomposer(gemm, threads, lanes);
    return this.decomposer;
  }

  async close(): Promise<void> {
    await this.decomposer?.close();
    await this.gemm?.gemm.close();
  }
}
