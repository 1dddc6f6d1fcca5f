// What every part of the pair's page is, and what it is given.
import type { SectionOf, ToolsOf } from '../parts/page/section.ts';
import type { Host } from './host.ts';
import type { Action, PanelState } from './state/state.ts';

export type Section = SectionOf<PanelState>;
export type Tools = ToolsOf<Action, Host>;
export type Dispatch = Tools['dispatch'];
