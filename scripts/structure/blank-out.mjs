/**
 * TypeScript with comments, and where asked strings, replaced by blanks, so that positions stay and only code is left to look at.
 *
 * A small scanner and no parser: it knows comments, the three kinds of quotes with `${}` inside, and tells a regular expression from
 * a division by what stands before it.
 */
export function blankOut(source, { strings }) {
  const out = [...source];
  const blank = (from, to) => {
    for (let i = from; i < to; i++) if (out[i] !== "\n") out[i] = " ";
  };
  // Depth of braces in each `${}` that is open, innermost last.
  const templates = [];
  let at = 0;
  const template = (start) => {
    let end = start;
    while (end < source.length && source[end] !== "`" && !source.startsWith("${", end))
      end += source[end] === "\\" ? 2 : 1;
    if (strings) blank(start, Math.min(end, source.length));
    if (source[end] === "$") templates.push(0);
    return end + (source[end] === "$" ? 2 : 1);
  };
  while (at < source.length) {
    const char = source[at];
    if (source.startsWith("//", at)) {
      const end = source.indexOf("\n", at);
      blank(at, end === -1 ? source.length : end);
      at = end === -1 ? source.length : end;
    } else if (source.startsWith("/*", at)) {
      const end = source.indexOf("*/", at + 2);
      blank(at, end === -1 ? source.length : end + 2);
      at = end === -1 ? source.length : end + 2;
    } else if (char === '"' || char === "'") {
      const end = closing(source, at, char);
      if (strings) blank(at + 1, end);
      at = end + 1;
    } else if (char === "`") {
      at = template(at + 1);
    } else if (char === "/" && startsExpression(source, at)) {
      const end = closingSlash(source, at);
      if (strings) blank(at + 1, end);
      at = end + 1;
    } else if (char === "{" && templates.length > 0) {
      templates[templates.length - 1]++;
      at++;
    } else if (char === "}" && templates.length > 0) {
      if (templates.at(-1) === 0) {
        templates.pop();
        at = template(at + 1);
      } else {
        templates[templates.length - 1]--;
        at++;
      }
    } else at++;
  }
  return out.join("");
}

function closing(source, start, quote) {
  let end = start + 1;
  while (end < source.length && source[end] !== quote && source[end] !== "\n") end += source[end] === "\\" ? 2 : 1;
  return end;
}

/** End of a regular expression; a slash inside brackets belongs to it. */
function closingSlash(source, start) {
  let bracket = false;
  let end = start + 1;
  while (end < source.length && source[end] !== "\n" && (bracket || source[end] !== "/")) {
    if (source[end] === "[") bracket = true;
    if (source[end] === "]") bracket = false;
    end += source[end] === "\\" ? 2 : 1;
  }
  return end;
}

function startsExpression(source, at) {
  const before = source.slice(0, at).trimEnd();
  return (
    before === "" || /[([{,;=:!&|?+\-*%<>~^]$/.test(before) || /\b(return|typeof|case|in|of|yield|await)$/.test(before)
  );
}
