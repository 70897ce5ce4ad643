import { useEffect, useState } from "react";
import { takeLink, type Link } from "./confirmation";

let taken = takeLink(); // once, when the page is loaded

/** useLink is the link of an e-mail that opened this page. Another one in the same tab changes the fragment only. */
export function useLink(): Link | null {
  const [link, setLink] = useState(taken);
  useEffect(() => {
    const look = () => setLink((taken = takeLink() ?? taken));
    addEventListener("hashchange", look);
    return () => removeEventListener("hashchange", look);
  }, []);
  return link;
}
