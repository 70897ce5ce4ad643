import { useEffect, useRef, type ReactNode } from "react";
import { useAuth } from "./site";

/**
 * Heading takes the focus when it appears, unless a field has it: a screen reader tells of what is new, and Tab goes on from
 * there.
 */
export function Heading({ as: Tag = "h1", children }: { as?: "h1" | "h3"; children: ReactNode }) {
  const ref = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (!document.activeElement?.matches("input")) ref.current?.focus();
  }, [children]);
  return <Tag ref={ref} tabIndex={-1}>{children}</Tag>;
}

/** useTitle names the page in the tab. */
export function useTitle(title: string): void {
  const { site } = useAuth();
  useEffect(() => { document.title = `${title} – ${site.name}`; }, [title, site]);
}

/** Card is a page with one thing to do. */
export function Card({ title, children }: { title: string; children: ReactNode }) {
  const { site } = useAuth();
  useTitle(title);
  return (
    <main className="card">
      <p className="service">{site.name}</p>
      <Heading>{title}</Heading>
      {children}
    </main>
  );
}
