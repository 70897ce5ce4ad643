import { useEffect, useRef, useState } from "react";
import type { Shown } from "./errors";
import { useAuth } from "./site";

/** What both providers of widgets have in common. */
interface Widget {
  render: (place: HTMLElement, options: { sitekey: string; callback: (answer: string) => void }) => string;
  reset: (widget: string) => void;
}

const scripts: Record<string, string> = {
  turnstile: "https://challenges.cloudflare.com/turnstile/v0/api.js?render=explicit",
  hcaptcha: "https://js.hcaptcha.com/1/api.js?render=explicit&recaptchacompat=off",
};

let loading: Promise<Widget> | undefined;

const load = (provider: string): Promise<Widget> => (loading ??= new Promise((resolve, reject) => {
  const script = document.createElement("script");
  script.src = scripts[provider] ?? "";
  script.onload = () => resolve((window as unknown as Record<string, Widget>)[provider]!);
  script.onerror = () => { loading = undefined; reject(new Error(provider)); };
  document.head.append(script);
}));

/** Captcha is the widget of the operator's CAPTCHA, where the server wants one. Each answer is good for one request. */
export function Captcha({ mutation, shown }: { mutation: string; shown: Shown }) {
  const { captcha } = useAuth().offers;
  const place = useRef<HTMLDivElement>(null);
  const drawn = useRef<() => void>(() => {});
  const [answer, setAnswer] = useState("");
  const wanted = captcha?.on.includes(mutation) ? captcha : null;

  useEffect(() => {
    if (!wanted || !place.current) return;
    const box = document.createElement("div");
    place.current.append(box);
    void load(wanted.provider).then((widget) => {
      if (!box.isConnected) return;
      const id = widget.render(box, { sitekey: wanted.siteKey, callback: setAnswer });
      drawn.current = () => widget.reset(id);
    }, () => {}); // the server says that the answer is missing
    return () => box.remove();
  }, [wanted]);
  useEffect(() => {
    setAnswer("");
    drawn.current();
  }, [shown]);

  if (!wanted) return null;
  return <><div ref={place} /><input type="hidden" name="captcha" value={answer} /></>;
}
