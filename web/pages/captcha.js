// The widget of the operator's CAPTCHA, where a form has a place for it. Both
// providers have the same three functions. Their script stands before ours.
const { captchaProvider, captchaSiteKey } = document.body.dataset;
const provider = () => window[captchaProvider];
const drawn = new Map(); // place to widget

const placeIn = (form) => form.querySelector("[data-captcha]");

// drawCaptchas shows the widgets of the forms that are visible now.
export function drawCaptchas() {
  for (const place of document.querySelectorAll("form:not([hidden]) [data-captcha]")) {
    if (!drawn.has(place) && provider()) drawn.set(place, provider().render(place, { sitekey: captchaSiteKey }));
  }
}

// captchaAnswer is what a mutation's input needs: nothing where the form has no widget.
export function captchaAnswer(form) {
  const place = placeIn(form);
  if (!place) return {};
  return { captcha: drawn.has(place) ? provider().getResponse(drawn.get(place)) || "" : "" };
}

// resetCaptcha asks for another answer: each is good for one request.
export function resetCaptcha(form) {
  const place = placeIn(form);
  if (place && drawn.has(place)) provider().reset(drawn.get(place));
}
