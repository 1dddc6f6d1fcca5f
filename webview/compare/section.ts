// What every part of the page of checkpoints side by side is, and what it is given.
import type { SectionOf, ToolsOf } from '../parts/page/section.ts';
import type { CompareHost } from './host.ts';
import type { Action, CompareState } from './state.ts';

export type CompareSection = SectionOf<CompareState>;
export type CompareTools = ToolsOf<Action, CompareHost>;
