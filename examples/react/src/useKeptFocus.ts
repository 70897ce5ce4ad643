import { useEffect, type RefObject } from "react";

/**
 * useKeptFocus moves the focus to the heading of a section, or of the page, where what had it is gone: the row of a session
 * that was ended, a form that was sent. Without it, people with a keyboard would begin again at the top.
 */
export function useKeptFocus(page: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const main = page.current;
    if (!main) return;
    let last: Element | null = null;
    const seen = ({ target }: FocusEvent) => { last = (target as Element).closest("main section, main header"); };
    const changed = (changes: MutationRecord[]) => {
      const had = last;
      if (!had || document.activeElement !== document.body) return;
      if (had.isConnected && !changes.some(({ target }) => had.contains(target))) return;
      const heading = (had.isConnected && had.querySelector<HTMLElement>("h2")) || main.querySelector<HTMLElement>("h1");
      heading?.focus();
    };
    const observer = new MutationObserver(changed);
    observer.observe(main, { childList: true, subtree: true });
    document.addEventListener("focusin", seen);
    return () => {
      observer.disconnect();
      document.removeEventListener("focusin", seen);
    };
  }, [page]);
}
