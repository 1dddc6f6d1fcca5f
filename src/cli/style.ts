// Colour for people at a terminal: none when the output is not one, nor when NO_COLOR is set (no-color.org).
import type { GateStanding } from '../shared/report/verdicts.ts';

export interface Style {
  bold: (text: string) => string;
  dim: (text: string) => string;
  red: (text: string) => string;
  standing: (standing: GateStanding, text: string) => string;
}

/** The part of a writable stream that decides. */
export interface TerminalStream {
  isTTY?: boolean;
  columns?: number;
}

export function styleFor(stream: TerminalStream, environment: NodeJS.ProcessEnv): Style {
  const noColor = environment['NO_COLOR'] ?? '';
  const coloured = stream.isTTY === true && noColor === '' && environment['TERM'] !== 'dumb';
  const wrap =
    (open: number, close: number) =>
    (text: string): string =>
      coloured ? `\u001B[${open}m${text}\u001B[${close}m` : text;
  const plain = (text: string): string => text;
  const colours: Record<GateStanding, (text: string) => string> = {
    holds: wrap(32, 39),
    middle: wrap(33, 39),
    broken: wrap(31, 39),
    unknown: coloured ? wrap(2, 22) : plain,
  };
  return {
    bold: wrap(1, 22),
    dim: wrap(2, 22),
    red: wrap(31, 39),
    standing: (standing, text) => colours[standing](text),
  };
}
