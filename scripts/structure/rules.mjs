import { posix } from "node:path";
import { blankOut } from "./blank-out.mjs";
import { cycleIn } from "./cycle.mjs";
import { importsOf, packageOf } from "./imports.mjs";

/**
 * The rules of shape. Each takes the tree `{ files: { path: text }, packages: [{ name, folder, manifest }] }` and returns sentences, one
 * for each thing that breaks the rule.
 */

const modalities = ["@recon/vision", "@recon/text", "@recon/timeseries", "@recon/graph"];
const foundations = ["@recon/engine", "@recon/core"];

/** Priors that the benchmarks of a modality measure. */
const learnedPriors = { "@recon/bench-vision": ["@recon/prior-digits", "@recon/prior-photos"] };

/** Who may depend on whom: engine <- core <- { modality, interchange, report, queue, bench }; modality or core <- priors; all <- apps. */
const arrows = [
  { from: /^@recon\/engine$/, to: [] },
  { from: /^@recon\/core$/, to: ["@recon/engine"] },
  { from: /^@recon\/(vision|text|timeseries|graph|interchange|report|queue|bench)$/, to: foundations },
  { from: /^@recon\/prior-/, to: [...foundations, ...modalities] },
  // The command line finds modalities from the working directory, never by an import.
  { from: /^@recon\/cli$/, to: [...foundations, "@recon/interchange", "@recon/report", "@recon/queue"] },
  { from: /^@recon\/bench-engine$/, to: ["@recon/engine"] },
  { from: /^@recon\/bench-core$/, to: [...foundations, "@recon/bench", "@recon/vision"] },
  {
    from: /^@recon\/bench-(vision|text|timeseries|graph)$/,
    to: (name) => [...foundations, "@recon/bench", name.replace("bench-", ""), ...(learnedPriors[name] ?? [])],
  },
];

function allowedBy(name) {
  const to = arrows.find((arrow) => arrow.from.test(name))?.to ?? [];
  return typeof to === "function" ? to(name) : to;
}

const isSource = (path) => /\/src\/.*\.ts$/.test(path);
const isTest = (path) => /\.test\.(ts|mjs)$/.test(path);

function sourcesOf(tree, folder) {
  return Object.entries(tree.files).filter(([path]) => path.startsWith(`${folder}/src/`) && isSource(path));
}

/** Packages depend on each other along the arrows only, and never reach into each other's files. */
export function direction(tree) {
  const own = new Set(tree.packages.map(({ name }) => name));
  return tree.packages.flatMap(({ name, folder, manifest }) => {
    const allowed = allowedBy(name);
    const wrong = (target) => own.has(target) && target !== name && !allowed.includes(target);
    const may = allowed.length === 0 ? "nothing of the workspace" : allowed.join(", ");
    const declared = Object.keys(manifest.dependencies ?? {})
      .filter(wrong)
      .map((target) => `${folder}/package.json: ${name} must not depend on ${target} (allowed: ${may})`);
    const imported = sourcesOf(tree, folder).flatMap(([path, text]) =>
      importsOf(text).flatMap(({ specifier }) => {
        const target = packageOf(specifier);
        if (target !== undefined && wrong(target))
          return [`${path}: ${name} must not import ${target} (allowed: ${may})`];
        const leaves =
          specifier.startsWith(".") && !posix.join(posix.dirname(path), specifier).startsWith(`${folder}/`);
        return leaves ? [`${path}: ${specifier} leaves the package; import by the package's name`] : [];
      }),
    );
    return [...declared, ...imported];
  });
}

/** What a package imports is in its package.json, so that it works where it is installed alone. */
export function declared(tree) {
  return tree.packages.flatMap(({ name, folder, manifest }) => {
    const known = new Set([name, ...Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })]);
    return sourcesOf(tree, folder)
      .filter(([path]) => !isTest(path) && !path.includes("/fixtures/"))
      .flatMap(([path, text]) => {
        const missing = importsOf(text).map(({ specifier }) => packageOf(specifier));
        return [...new Set(missing)]
          .filter((target) => target !== undefined && !known.has(target))
          .map((target) => `${path}: imports ${target}, which ${folder}/package.json does not name`);
      });
  });
}

/** No packages and no modules that need each other; types may, because they are gone when the program runs. */
export function cycles(tree) {
  const dependencies = tree.packages.map(({ name, manifest }) => [name, Object.keys(manifest.dependencies ?? {})]);
  const among = cycleIn(new Map(dependencies));
  const modules = tree.packages.flatMap(({ folder }) => {
    const edges = sourcesOf(tree, folder).map(([path, text]) => [
      path,
      importsOf(text)
        .filter(({ specifier, typeOnly, dynamic }) => specifier.startsWith(".") && !typeOnly && !dynamic)
        .map(({ specifier }) => posix.join(posix.dirname(path), specifier)),
    ]);
    const found = cycleIn(new Map(edges));
    return found ? [`modules need each other: ${found.join(" -> ")}`] : [];
  });
  return [...(among ? [`packages need each other: ${among.join(" -> ")}`] : []), ...modules];
}

/** Words of one modality, which engine and core must not know; singular, in lower case. */
const modalityWords = new Set(
  "image pixel photo photograph rgb token tokenizer tokeniser vocabulary sentence series timeseries molecule atom valence adjacency".split(
    " ",
  ),
);
const modalityPairs = ["nodefeature", "edgefeature", "timestep"];

/** Engine and core work for data of any sort: none of their identifiers names one. */
export function modalityNames(tree) {
  return tree.packages
    .filter(({ name }) => foundations.includes(name))
    .flatMap(({ folder }) =>
      sourcesOf(tree, folder).flatMap(([path, text]) => {
        const names = new Set(blankOut(text, { strings: true }).match(/[A-Za-z_$][\w$]*/g) ?? []);
        return [...names].flatMap((name) => {
          const word = modalityWordIn(name);
          return word === undefined ? [] : [`${path}: "${name}" names a modality (${word})`];
        });
      }),
    );
}

function modalityWordIn(name) {
  const words = name
    .split(/[_$\d]+|(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/)
    .map((word) => word.toLowerCase())
    .map((word) => (modalityWords.has(word) ? word : word.replace(/s$/, "")));
  const pairs = words.map((word, index) => word + (words[index + 1] ?? ""));
  return words.find((word) => modalityWords.has(word)) ?? pairs.find((pair) => modalityPairs.includes(pair));
}

const maxLines = 300;

/** A file holds one concept; one this long holds several. */
export function fileLength(tree) {
  return Object.entries(tree.files)
    .map(([path, text]) => [path, text.split("\n").length - (text.endsWith("\n") ? 1 : 0)])
    .filter(([, lines]) => lines > maxLines)
    .map(([path, lines]) => `${path}: ${lines} lines, ${maxLines} at most; split it by concept`);
}

/** Names that say nothing of what is inside. */
export function fileNames(tree) {
  return Object.keys(tree.files)
    .filter((path) => /(^|[/.-])(utils?|helpers?|commons?|misc)([/.-]|$)/.test(path))
    .map((path) => `${path}: name it after what is inside`);
}

/** Randomness comes from seeded streams, or no run could be repeated. */
export function seededRandomness(tree) {
  return Object.entries(tree.files)
    .filter(([path, text]) => isSource(path) && /\bMath\s*\.\s*random\b/.test(blankOut(text, { strings: true })))
    .map(([path]) => `${path}: Math.random cannot be repeated; take an Rng`);
}

export const rules = { direction, declared, cycles, modalityNames, fileLength, fileNames, seededRandomness };
