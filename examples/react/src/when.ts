/** when writes a moment as the browser's language does, if that is the language of the page, else as the page's. */
export function when(instant: string): string {
  const page = document.documentElement.lang;
  const tag = navigator.languages.find((each) => each.split("-")[0] === page.split("-")[0]) ?? page;
  return new Date(instant).toLocaleString(tag, { dateStyle: "medium", timeStyle: "short" });
}
