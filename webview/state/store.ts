// Holds the state and tells the views at most once per animation frame, however many messages came in between.
import { reduce } from './reduce.ts';
import type { Action, PanelState } from './state.ts';

export type Dispatch = (action: Action) => void;
type Render = (state: PanelState, previous: PanelState | null) => void;

interface Store {
  dispatch: Dispatch;
  state(): PanelState;
  /** Draws at once, outside a frame: the first paint. */
  flush(): void;
}

export function createStore(
  initial: PanelState,
  render: Render,
  schedule: (draw: () => void) => void,
): Store {
  let state = initial;
  let drawn: PanelState | null = null;
  let scheduled = false;
  const flush = (): void => {
    scheduled = false;
    if (state === drawn) return;
    const previous = drawn;
    drawn = state;
    render(state, previous);
  };
  return {
    dispatch(action) {
      state = reduce(state, action);
      if (scheduled || state === drawn) return;
      scheduled = true;
      schedule(flush);
    },
    state: () => state,
    flush,
  };
}
