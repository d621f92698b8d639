/** Markup that is safe to place in a page. Only `html` and `trusted` make it. */
export interface Html {
  readonly html: string;
}

/** What a template takes: markup as it is, words and numbers escaped, lists joined, nothing for `undefined` and `false`. */
export type Part = Html | string | number | undefined | false | readonly Part[];

/** Template tag: `html\`<p>${name}</p>\`` escapes every word that is put in. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  const joined = strings.map((fixed, index) => fixed + markup(parts[index]));
  return { html: joined.join("") };
}

/** Marks a string of our own as markup. Never for anything read from a file. */
export function trusted(own: string): Html {
  return { html: own };
}

/** Escapes text for an element or a quoted attribute; control and bidirectional override characters become U+FFFD. */
export function escapeText(text: string): string {
  return text.replace(unshowable, "\uFFFD").replace(/[&<>"'`]/g, (character) => `&#${character.codePointAt(0)};`);
}

// Overrides of the writing direction can make a name read as another; controls are invalid in HTML.
const unshowable: RegExp = /(?![\t\n\r])\p{Cc}|[\u202A-\u202E\u2066-\u2069]/gu;

function markup(part: Part): string {
  if (part === undefined || part === false) return "";
  if (typeof part === "string") return escapeText(part);
  if (typeof part === "number") return escapeText(String(part));
  if ("html" in part) return part.html;
  return part.map(markup).join("");
}
