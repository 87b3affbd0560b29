/** Text that is HTML already. Only {@link html} makes it from what others wrote, and it escapes. */
export class Markup {
  constructor(readonly text: string) {}
}

/** What may stand in a template: text is escaped, null is nothing, parts follow one another. */
export type Part = string | number | null | Markup | readonly Part[];

/**
 * HTML from a template: `` html`<p title="${title}">${text}</p>` ``. Every value is escaped, also for attributes in double
 * quotes, which are the only ones to use.
 */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return new Markup(
    strings.reduce((text, string, index) => text + textOf(parts[index - 1] ?? null) + string),
  );
}

function textOf(part: Part): string {
  if (part === null) return "";
  if (part instanceof Markup) return part.text;
  if (typeof part === "string") return escape(part);
  if (typeof part === "number") return String(part);
  return part.map(textOf).join("");
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text as HTML shows it, in content and in quoted attributes. */
export function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}
