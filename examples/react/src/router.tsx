import { useSyncExternalStore, type AnchorHTMLAttributes, type MouseEvent } from "react";
import { useAuth } from "./site";

const moved = new EventTarget();

function subscribe(listener: () => void): () => void {
  addEventListener("popstate", listener);
  moved.addEventListener("moved", listener);
  return () => {
    removeEventListener("popstate", listener);
    moved.removeEventListener("moved", listener);
  };
}

/** usePath is the path of the page below base. */
export const usePath = (base: string): string => useSyncExternalStore(subscribe, () => location.pathname.slice(base.length) || "/");

/** isElsewhere says whether an address is none of this app. */
export const isElsewhere = (to: string): boolean => /^https?:/.test(to);

/** go opens another page of this app, or another address. */
export function go(to: string, { replace = false } = {}): void {
  if (isElsewhere(to)) return location[replace ? "replace" : "assign"](to);
  history[replace ? "replaceState" : "pushState"](null, "", to);
  moved.dispatchEvent(new Event("moved"));
  scrollTo(0, 0);
}

/** Link is an <a> that does not load the page again. `to` is a path below the site's base. */
export function Link({ to, ...rest }: { to: string } & AnchorHTMLAttributes<HTMLAnchorElement>) {
  const { site } = useAuth();
  const plain = site.plain?.[to];
  const href = site.base + (plain ?? to);
  const press = (event: MouseEvent) => {
    if (plain || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(href);
  };
  return <a href={href} onClick={press} {...rest} />;
}
