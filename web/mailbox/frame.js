// Shows a letter's HTML in a sandbox as high as the letter is.

// frame returns what shows it: no origin, no script, no form, and nothing that
// loads. Its links open in a tab of their own.
//
// A frame without an origin cannot be measured. So the same letter is in a second
// frame that nobody sees, of the same width: it has the origin of this page, and
// no script can run in it either. It is in a shadow that is closed, so that the
// page has one frame.
export function frame(html) {
  const source = prepared(html);
  const shown = make(source, "allow-popups allow-popups-to-escape-sandbox");
  shown.title = "The e-mail";
  const ruler = document.createElement("div");
  ruler.className = "ruler";
  ruler.inert = true;
  const measured = make(source, "allow-same-origin");
  measured.scrolling = "no";
  measured.style.cssText = "width: 100%; height: 0; border: 0";
  ruler.attachShadow({ mode: "closed" }).append(measured);

  const fit = () => {
    const root = measured.contentDocument?.documentElement;
    if (!root?.scrollHeight) return;
    const bar = root.scrollWidth > root.clientWidth ? 20 : 0; // a letter that is too wide gets a scroll bar
    shown.style.height = `${root.scrollHeight + bar + 2}px`; // 2: the frame's border
  };
  measured.addEventListener("load", fit);
  new ResizeObserver(fit).observe(ruler);
  const place = document.createElement("div");
  place.className = "frame";
  place.append(shown, ruler);
  return place;
}

function prepared(html) {
  const letter = new DOMParser().parseFromString(html, "text/html");
  for (const link of letter.querySelectorAll("a[href]")) {
    link.target = "_blank";
    link.rel = "noreferrer";
  }
  return `<!doctype html>${letter.documentElement.outerHTML}`;
}

function make(source, sandbox) {
  const iframe = document.createElement("iframe");
  iframe.setAttribute("sandbox", sandbox);
  iframe.srcdoc = source;
  return iframe;
}
