/** A text as it may stand in SVG. */
export function escapeMarkup(text: string): string {
  return text.replace(/[&<>"]/g, (mark) => `&#${mark.charCodeAt(0)};`);
}
