// What every part of the page of several runs is, and what it is given.
import type { SectionOf, ToolsOf } from '../parts/page/section.ts';
import type { RunsHost } from './host.ts';
import type { Action, RunsState } from './state.ts';

export type RunsSection = SectionOf<RunsState>;
export type RunsTools = ToolsOf<Action, RunsHost>;
