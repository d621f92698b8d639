import { png } from "./png.mjs";

/** One folder a modality: what is installed there beside core and the engine, what lies there, and what is attacked. */

const known = ["architecture", "weights", "lossKind", "lossReduction", "batchSize"];

const picture = (i) =>
  png(16, (x, y) => [(16 * x + 31 * i) % 256, (15 * y + 7 * x * i) % 256, (90 * i + 5 * x * y) % 256]);

const words =
  "the nurse patient saw left doctor night ward report wrote slept early quiet window called family before morning tablet asked again walked slowly home".split(
    " ",
  );

/** Five words, none twice. */
const sentence = (i) => [0, 1, 2, 3, 4].map((k) => words[(7 * i + 5 * k) % words.length]).join(" ");

const hourly = (hour) => (3 + 2 * Math.sin((2 * Math.PI * hour) / 24) + 0.3 * Math.cos(hour * hour)).toFixed(4);

const molecules = [
  "CCO",
  "CCCO",
  "CC(C)O",
  "CC(=O)O",
  "CCN",
  "CCCN",
  "CC(=O)N",
  "CCOC",
  "CCCC",
  "CC(C)C",
  "C1CCC1",
  "CCCl",
  "CCBr",
  "CC#N",
];

export const cases = [
  {
    modality: "vision",
    files: Object.fromEntries([0, 1, 2, 3].map((i) => [`pictures/${"ab"[i % 2]}/${i}.png`, picture(i)])),
    data: { name: "folder", options: { path: "pictures", size: 16 } },
    model: { name: "mlp", options: { sizes: [768, 32, 10] } },
    attack: "auto",
    missing: { name: "photographs" },
    known,
  },
  {
    modality: "text",
    files: {
      "notes.csv": `text,label\n${Array.from({ length: 12 }, (_, i) => `${sentence(i)},${"ab"[i % 2]}`).join("\n")}\n`,
      "words/vocab.txt": `${["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ...words].join("\n")}\n`,
    },
    data: {
      name: "folder",
      options: { path: "notes.csv", column: "text", label: "label", tokenizer: { folder: "words" }, max_length: 12 },
    },
    model: { name: "bert", options: { layers: 2, width: 32, heads: 2, hidden: 64, positions: 16 } },
    attack: "dager",
    missing: { name: "brown" },
    known,
  },
  {
    modality: "timeseries",
    files: {
      "meter.csv": `hour,load\n${Array.from({ length: 400 }, (_, hour) => `${hour},${hourly(hour)}`).join("\n")}\n`,
    },
    data: { name: "csv", options: { path: "meter.csv", columns: ["load"], observed: 24, horizon: 12 } },
    model: { name: "fcn", options: { hidden: 16 } },
    attack: "auto",
    missing: { name: "us-births" },
    known,
  },
  {
    modality: "graph",
    files: { "molecules.smi": `${molecules.join("\n")}\n` },
    data: { name: "smiles", options: { path: "molecules.smi" } },
    // Installed after it was asked for by name.
    packages: ["openchemlib@9.25.0"],
    model: { name: "gcn", options: { hidden: 32 } },
    attack: "grain",
    missing: { name: "molecules" },
    known,
  },
];
