import { blankOut } from "./blank-out.mjs";

/** Every static import and re-export of a module: what it names, and whether only types cross. */
export function importsOf(source) {
  const code = blankOut(source, { strings: false });
  const found = [];
  for (const match of code.matchAll(/^\s*(?:import|export)\s+(type\s+)?([\w*{}\s,$]*?)\s*from\s*["']([^"']+)["']/gm)) {
    found.push({ specifier: match[3], typeOnly: match[1] !== undefined || onlyTypes(match[2]) });
  }
  for (const match of code.matchAll(/^\s*import\s*["']([^"']+)["']/gm))
    found.push({ specifier: match[1], typeOnly: false });
  for (const match of code.matchAll(/\bimport\(\s*["']([^"']+)["']\s*\)/g)) {
    found.push({ specifier: match[1], typeOnly: false, dynamic: true });
  }
  return found;
}

/** `{ type A, type B }` brings nothing that exists when the program runs. */
function onlyTypes(clause) {
  const names = /^\{([\s\S]*)\}$/
    .exec(clause.trim())?.[1]
    .split(",")
    .map((name) => name.trim());
  return names?.filter(Boolean).every((name) => name.startsWith("type "));
}

/** The package that a specifier names, or undefined for a file or a module of Node. */
export function packageOf(specifier) {
  if (specifier.startsWith(".") || specifier.startsWith("node:") || specifier.startsWith("/")) return undefined;
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}
