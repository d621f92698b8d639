import * as v from "valibot";
import type { AuditFile } from "./audit-file.ts";

/** The message of every check is what is allowed there: the reader of the file adds the key, the line and what was found. */
const text = v.pipe(v.string("some text"), v.nonEmpty("some text"));
const count = (least: number) => {
  const allowed = `a whole number of at least ${least}`;
  return v.pipe(v.number(allowed), v.integer(allowed), v.minValue(least, allowed));
};
const options = v.record(v.string(), v.unknown(), "a map of options");

const described = <T extends v.GenericSchema>(schema: T, description: string) =>
  v.pipe(schema, v.description(description));

const named = v.union(
  [text, v.strictObject({ name: text, options: v.exactOptional(options) }, "a map with the keys name and options")],
  "a name, or a map with the keys name and options",
);

const data = v.union(
  [
    text,
    v.strictObject({ name: text, options: v.exactOptional(options) }, "a map with the keys name and options"),
    v.strictObject({ path: text, options: v.exactOptional(options) }, "a map with the keys path and options"),
  ],
  "a name, a map with the keys name and options, or a map with the keys path and options",
);

const timeLimit = v.pipe(
  v.string('a time such as "90s" or "5m"'),
  v.regex(/^\d+(\.\d+)?(ms|s|m|h)$/, 'a time such as "90s" or "5m"'),
);

const budget = v.union(
  [
    count(1),
    v.strictObject(
      { evaluations: v.exactOptional(count(1)), time_limit: v.exactOptional(timeLimit) },
      "a map with the keys evaluations and time_limit",
    ),
  ],
  "a number of evaluations, or a map with the keys evaluations and time_limit",
);

const bound = v.number("a number");
const below1 = "a number from 0 to below 1";
const share = v.pipe(v.number(below1), v.minValue(0, below1), v.ltValue(1, below1));
const list = <T extends v.GenericSchema>(item: T, allowed: string) => v.array(item, allowed);

const above = (allowed: string) => v.pipe(v.number(allowed), v.gtValue(0, allowed));
const nonEmpty = (item: ReturnType<typeof above> | typeof bound, allowed: string) =>
  v.pipe(v.array(item, allowed), v.minLength(1, allowed));

const sweptDefence = v.strictObject(
  {
    name: text,
    options: v.exactOptional(options),
    sweep: v.pipe(
      v.record(v.string(), nonEmpty(bound, "a list of numbers, from weak to strong")),
      v.minEntries(1, "one option with its values, from weak to strong"),
      v.maxEntries(1, "one option with its values, from weak to strong"),
    ),
    epsilons: v.exactOptional(nonEmpty(above("a number above 0"), "a list of numbers above 0")),
    rates: v.exactOptional(nonEmpty(above("a number above 0"), "a list of step sizes")),
  },
  "a map with the keys name, sweep, options, epsilons and rates",
);

const trainingDefaults = { steps: 200, batch: 16, rates: [0.1, 0.5], seeds: 2, train: 2000, test: 500 };

const evaluation = v.strictObject(
  {
    defences: v.pipe(list(sweptDefence, "a list of swept defences"), v.minLength(1, "at least one defence")),
    levels: v.optional(nonEmpty(above("a number above 0"), "percentage points of accuracy, ascending"), [0.5, 1, 2, 5]),
    training: v.optional(
      v.strictObject(
        {
          steps: v.optional(count(1), trainingDefaults.steps),
          batch: v.optional(count(1), trainingDefaults.batch),
          rates: v.optional(nonEmpty(above("a number above 0"), "a list of step sizes"), trainingDefaults.rates),
          seeds: v.optional(count(1), trainingDefaults.seeds),
          train: v.optional(count(1), trainingDefaults.train),
          test: v.optional(count(1), trainingDefaults.test),
        },
        "a map with the keys steps, batch, rates, seeds, train and test",
      ),
      trainingDefaults,
    ),
  },
  "a map with the keys defences, levels and training",
);

const kinds = "gradient, update or weights";
const losses = ["cross-entropy", "binary-cross-entropy", "mean-squared-error", "sum-squared-error"] as const;

/**
 * `audit.yaml`: a victim, what happens to its observation, what the attacker is told, and the attacks.
 *
 * Protocol keys describe the victim. `known` alone says what the attacker gets.
 */
export const auditFileSchema: v.GenericSchema<unknown, AuditFile> = v.strictObject(
  {
    use: v.optional(
      described(
        list(text, "a list of packages"),
        "Packages that provide the names below: a short name (vision is @recon/vision), a package name, or a path such as ./mine.js.",
      ),
      [],
    ),
    title: v.exactOptional(described(text, "Heading in the report.")),
    summary: v.exactOptional(described(text, "One or two sentences for a reader who does not know the field.")),
    kind: v.optional(
      described(
        v.picklist(["gradient", "update", "weights"], kinds),
        "What the attacker sees: the gradient of one training step, the change of the weights after several, or weights that were trained on the batch to the end.",
      ),
      "gradient",
    ),
    mode: v.optional(
      described(
        v.picklist(["train", "eval"], "train or eval"),
        "Whether the client's layers run as in training or as in evaluation; it matters to batch normalisation.",
      ),
      "train",
    ),
    model: described(named, "The victim's model."),
    data: described(data, "The victim's data: a named source, or the path of a folder or file of your own."),
    loss: v.exactOptional(
      described(
        v.picklist(losses, `one of ${losses.join(", ")}`),
        "The victim's loss, where the model offers several.",
      ),
    ),
    batch: v.optional(described(count(1), "Items in the batch that the gradient is computed from."), 1),
    steps: v.exactOptional(
      described(
        count(1),
        "Local training steps of the client, for the kind update; steps of the whole training, for the kind weights.",
      ),
    ),
    rate: v.exactOptional(
      described(
        above("a number above 0"),
        "Step size of the client's local training, for the kinds update and weights.",
      ),
    ),
    first_layer: v.exactOptional(
      described(
        above("a number above 0"),
        "Standard deviation of the first layer's initial weights, for the kind weights.",
      ),
    ),
    local: v.exactOptional(
      described(
        v.strictObject(
          {
            optimiser: v.exactOptional(v.picklist(["sgd"], "sgd")),
            momentum: v.exactOptional(share),
            weight_decay: v.exactOptional(
              v.pipe(v.number("a number of at least 0"), v.minValue(0, "a number of at least 0")),
            ),
            decoupled: v.exactOptional(v.boolean("true or false")),
            batch: v.exactOptional(count(1)),
            epochs: v.exactOptional(count(1)),
          },
          "a map with the keys optimiser, momentum, weight_decay, decoupled, batch and epochs",
        ),
        "How the client's local steps are taken, for the kind update: portions of the batch in turn, momentum, weight decay.",
      ),
    ),
    training: v.exactOptional(
      described(
        v.strictObject(
          {
            steps: count(1),
            batch: v.optional(count(1), 32),
            rate: v.optional(above("a number above 0"), 0.001),
          },
          "a map with the keys steps, batch and rate",
        ),
        "Trains the victim of every trial by Adam before it is observed, on items that are not attacked; by default it has the weights that the model starts with.",
      ),
    ),
    domain: v.exactOptional(
      described(
        v.strictObject(
          { kind: v.exactOptional(text), min: v.exactOptional(bound), max: v.exactOptional(bound) },
          "a map with the keys kind, min and max",
        ),
        "The box in which the attacker searches; by default the data's own.",
      ),
    ),
    defences: v.optional(
      described(list(named, "a list of defences"), "What is done to protect the gradient, in order of application."),
      [],
    ),
    evaluate: v.exactOptional(
      described(evaluation, "Compares defences at equal utility: what each costs in accuracy, and what attacks leave."),
    ),
    priors: v.optional(
      described(list(named, "a list of priors"), "What the attacker knows of such data; given to every attack."),
      [],
    ),
    attacks: v.optional(
      described(
        v.union(
          [
            v.literal("auto", "auto"),
            v.pipe(list(named, "a list of attacks"), v.minLength(1, "at least one attack, or auto")),
          ],
          "auto, or a list of attacks",
        ),
        "Which attacks to run; auto diagnoses the problem and chooses.",
      ),
      "auto",
    ),
    known: v.optional(
      described(
        list(text, "a list of knowledge flags"),
        'What the attacker is told. "default" stands for the default list, so that [default, labels] adds to it.',
      ),
      ["default"],
    ),
    budget: v.exactOptional(
      described(budget, "Limit of one attack: evaluations of the model's gradient, and a time limit."),
    ),
    seeds: v.optional(
      described(count(1), "Number of trials; each draws its own weights, batch and noise from the seed."),
      1,
    ),
    on_error: v.optional(
      described(
        v.picklist(["refuse", "skip"], "refuse or skip"),
        "An item that cannot be read: refuse the audit, or skip the item and name it in the report.",
      ),
      "refuse",
    ),
    observation: v.optional(
      described(v.picklist(["float32", "float64"], "float32 or float64"), "Precision of what the attacker sees."),
      "float32",
    ),
    out: v.exactOptional(described(text, "The run folder; by default a new one under runs/.")),
  },
  "a map of keys, as in `batch: 1`",
);
