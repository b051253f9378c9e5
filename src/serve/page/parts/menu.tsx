import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

/** What a menu is made of. */
export type MenuProps = { readonly label: string; readonly isOn?: boolean; readonly children: ComponentChildren };

/** A button that opens a panel below it. Escape and a press elsewhere close it. */
export function Menu({ label, isOn = false, children }: MenuProps) {
  const details = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const close = (event: Event): void => {
      const element = details.current;
      if (element?.open && !element.contains(event.target as Node)) element.open = false;
    };
    addEventListener("pointerdown", close);
    return () => removeEventListener("pointerdown", close);
  }, []);
  return (
    <details
      ref={details}
      class="menu"
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !details.current!.open) return;
        event.stopPropagation();
        details.current!.open = false;
        details.current!.querySelector("summary")!.focus();
      }}
    >
      <summary class={isOn ? "on" : ""}>{label}</summary>
      <div class="panel">{children}</div>
    </details>
  );
}
