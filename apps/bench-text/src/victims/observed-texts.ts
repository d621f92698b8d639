import {
  type DataSource,
  defaultKnowledge,
  type Flag,
  gradient,
  type Item,
  type Model,
  type Problem,
  type Rng,
  stack,
} from "@recon/core";
import { type Arrays, type Executor, graph, input, type NdArray } from "@recon/engine";
import { noToken } from "@recon/text";

export interface ObservedTextsOptions {
  readonly model: Model;
  readonly params: Arrays;
  readonly source: DataSource;
  readonly items: readonly Item[];
  readonly precision: "float32" | "float64";
  /** What is known besides the default. */
  readonly known?: readonly Flag[];
  readonly executor: Executor;
}

/** What an attacker has of a batch of texts, and the batch, which only the judge may see. */
export interface ObservedTexts {
  readonly problem: Problem;
  readonly input: NdArray;
}

/** The gradient of a batch of texts without a defence, for attacks on a layer that the audit's own scores do not speak of. */
export async function observedTexts(options: ObservedTextsOptions): Promise<ObservedTexts> {
  const { model, params, source, items, precision, known = [], executor } = options;
  const data = {
    input: stack(
      items.map((item) => item.input),
      noToken,
    ),
    target: stack(items.map((item) => item.target)),
  };
  const symbols = Object.fromEntries(Object.entries(params).map(([name, { shape }]) => [name, input(name, shape)]));
  const texts = { input: input("input", data.input.shape), target: input("target", data.target.shape) };
  const operator = gradient();
  const program = await executor.compile(graph({ ...symbols, ...texts }, operator.observe(model, symbols, texts)), {
    precision,
  });
  try {
    const observation = await program.run({ ...params, ...data });
    const told = Object.fromEntries([...defaultKnowledge, ...known].map((flag) => [flag, true as const]));
    return {
      problem: {
        model,
        params,
        operator,
        defences: [],
        observation,
        observationPrecision: precision,
        knowledge: {
          ...told,
          batchSize: items.length,
          lossKind: model.lossKind,
          lossReduction: model.lossReduction ?? "mean",
        },
        domain: source.domain,
      },
      input: data.input,
    };
  } finally {
    await program.dispose();
  }
}

/** So many items of a source, drawn by the seed. */
export async function drawnItems(source: DataSource, count: number, rng: Rng): Promise<readonly Item[]> {
  const data = await source.open();
  const order = rng.split("order").permutation(data.size);
  return Promise.all(order.slice(0, count).map((at) => data.item(at)));
}
