// A report file as it is opened: parsed, of a version that is read here, and of the shape that its schema says. No vscode here.
import { readFile } from 'node:fs/promises';
import { Ajv, type ValidateFunction } from 'ajv';
import { ThreeGateError } from '../../shared/errors.ts';
import { parseReport } from '../../shared/text/parseReport.ts';
import type { Report } from '../../shared/report/report.ts';

export class ReportFiles {
  private validating: Promise<ValidateFunction> | null = null;

  /** @param schemaPath `dist/report.schema.json` */
  constructor(private readonly schemaPath: string) {}

  /** Throws as `parseReport`, and `usage` that names the place in the file that is not as a report has it. */
  async parse(text: string, file: string): Promise<Report> {
    const report = parseReport(text, file);
    this.validating ??= this.validator();
    const validate = await this.validating;
    if (validate(report)) return report;
    const [error] = validate.errors ?? [];
    const where = error?.instancePath.slice(0, 200) ?? '';
    const message = `${file} is no whole Three-Gate report: ${where === '' ? 'it' : where} ${error?.message ?? 'is not as expected'}. Analyse the pair again.`;
    throw new ThreeGateError('usage', message, { file });
  }

  private async validator(): Promise<ValidateFunction> {
    // What a later version of the same schema adds is no fault: a reader that does not know it reads the rest.
    const schema = JSON.parse(await readFile(this.schemaPath, 'utf8'), (key, value: unknown) =>
      key === 'additionalProperties' && value === false ? undefined : value,
    ) as object;
    return new Ajv({ allowUnionTypes: true }).compile(schema);
  }
}
