/** Scroll position: follows the text only after the reader scrolled to its end. */
import type { FromPanel, PanelInfo } from '../shared/protocol.ts';
import type { Outline } from './outline.ts';

/** Survives a page reload; the extension keeps the text. */
interface SavedState {
  readonly runId: string;
  readonly scroll: number;
  readonly outlineOpen: boolean;
}

/** Storage of the page's state. */
export interface PlaceStore {
  send(message: FromPanel): void;
  saved(): SavedState | undefined;
  save(state: SavedState): void;
}

/** Saves and restores the scroll position. */
export interface Scroll {
  /** Call after rendering; `complete`: all known text is on the page. */
  after(info: Pick<PanelInfo, 'runId' | 'place'> | undefined, complete: boolean): void;
  save(): void;
  dispose(): void;
}

const saveAfterMs = 250;
const nearEnd = 24;

/** @param view the scrolling element */
export function createScroll(ports: PlaceStore, outline: Outline, view: HTMLElement): Scroll {
  let runId: string | undefined;
  let restored = false;
  let following = false;
  let own = false;
  let timer: number | undefined;

  const store = (): void => {
    if (runId === undefined || !restored) return;
    const state = { scroll: Math.round(view.scrollTop), outlineOpen: outline.open };
    ports.save({ runId, ...state });
    ports.send({ type: 'state', ...state });
  };
  const save = (): void => {
    clearTimeout(timer);
    timer = window.setTimeout(store, saveAfterMs);
  };
  const onScroll = (): void => {
    if (own) {
      own = false;
      return;
    }
    following = view.scrollTop > 0 && view.scrollHeight - view.scrollTop - view.clientHeight < nearEnd;
    save();
  };
  view.addEventListener('scroll', onScroll, { passive: true });

  const restore = (place: PanelInfo['place']): void => {
    const before = ports.saved();
    const saved = place ?? (before?.runId === runId ? before : undefined);
    restored = true;
    if (saved !== undefined) {
      if (saved.outlineOpen !== outline.open) outline.setOpen(saved.outlineOpen);
      view.scrollTop = saved.scroll;
    }
    save();
  };
  return {
    save,
    after(info, complete) {
      const id = info?.runId;
      if (id !== runId) {
        runId = id;
        restored = false;
        following = false;
      }
      if (!restored && complete && id !== undefined) restore(info?.place);
      if (following && view.scrollHeight - view.scrollTop - view.clientHeight >= 1) {
        own = true;
        view.scrollTop = view.scrollHeight;
      }
    },
    dispose() {
      clearTimeout(timer);
      view.removeEventListener('scroll', onScroll);
    },
  };
}
