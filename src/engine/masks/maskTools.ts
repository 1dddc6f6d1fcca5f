// What one export works with: the values it reads, a matrix engine that is opened when it is first needed, and the signal.
import type { MaskRequest } from '../../shared/protocol/engineProtocol.ts';
import type { EngineInfo } from '../../shared/report/report.ts';
import type { OpenedGemm } from '../linalg/gemm.ts';
import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import { TensorValues } from '../checkpoint/tensorValues.ts';
import type { Gemm } from '../linalg/gemm.ts';
import { BaseReader } from './baseReader.ts';
import { TunedUpdate } from './tunedUpdate.ts';
import type { MaskPorts } from './ports.ts';

export class MaskTools {
  readonly values: TensorValues;
  readonly reader: BaseReader;
  private readonly threads: number;
  private opened: OpenedGemm | null = null;

  constructor(
    private readonly request: MaskRequest,
    readonly ports: MaskPorts,
    readonly signal: AbortSignal,
  ) {
    this.values = new TensorValues(ports.files);
    this.reader = new BaseReader(this.values, ports.openHash, signal);
    this.threads = request.threads ?? ports.machine.threads;
  }

  readonly openGemm = async (): Promise<Gemm> => {
    this.opened ??= await this.ports.openGemm(this.request.engine, this.threads);
    return this.opened.gemm;
  };

  async openUpdate(base: Checkpoint, tunedPath: string): Promise<TunedUpdate> {
    const tuned = await this.ports.openCheckpoint(tunedPath);
    return new TunedUpdate(this.ports, this.values, base, tuned, this.openGemm, this.signal);
  }

  engineInfo(): EngineInfo {
    const { version, totalMemoryBytes } = this.ports.machine;
    return {
      version,
      gemm: this.opened?.gemm.kind ?? 'none',
      gemmLibrary: this.opened?.gemm.library ?? 'none',
      fallbackReason: this.opened?.fallbackReason ?? null,
      threads: this.threads,
      memoryBytes: totalMemoryBytes,
    };
  }

  async close(): Promise<void> {
    await this.values.close();
    await this.opened?.gemm.close();
  }
}
