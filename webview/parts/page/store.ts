// Holds a page's state and tells its views at most once per animation frame, however many actions came in between.

export interface Store<State, Action> {
  dispatch: (action: Action) => void;
  state: () => State;
  /** Draws at once, outside a frame: the first paint. */
  flush: () => void;
}

export interface StoreWishes<State, Action> {
  initial: State;
  /** Pure; shares what did not change, so that views compare by identity. */
  reduce: (state: State, action: Action) => State;
  /** `previous` is what was drawn last, null at first. */
  render: (state: State, previous: State | null) => void;
  schedule: (draw: () => void) => void;
}

export function createStore<State, Action>(wishes: StoreWishes<State, Action>): Store<State, Action> {
  const { reduce, render, schedule } = wishes;
  let state = wishes.initial;
  let drawn: State | null = null;
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
