import { useEffect, useRef, type ReactNode } from "react";
import { useAuth } from "./site";

/** Card is a page with one thing to do. */
export function Card({ title, children }: { title: string; children: ReactNode }) {
  const { site } = useAuth();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} – ${site.name}`;
    heading.current?.focus(); // so that a screen reader tells of the new page
  }, [title, site]);
  return (
    <main className="card">
      <p className="service">{site.name}</p>
      <h1 ref={heading} tabIndex={-1}>{title}</h1>
      {children}
    </main>
  );
}
