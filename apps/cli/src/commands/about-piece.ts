import type { Attack, DataSource, Model, Plugin } from "@recon/core";
import type { PieceKind } from "../plugins/catalogue.ts";

/** Says in a line what a piece of a plugin is, made with default options: a citation, a licence, a size, or which options it needs. */
export async function aboutPiece(plugin: Plugin, kind: PieceKind, name: string): Promise<string> {
  const say: Readonly<Record<PieceKind, () => string | Promise<string>>> = {
    attacks: () => aboutAttack(plugin.attacks![name]!({}, { priors: [] })),
    data: () => aboutData(plugin.data![name]!({})),
    defences: () => defaults(plugin.defences![name]!({}).options),
    models: () => aboutModel(plugin, name),
    operators: () => defaults(plugin.operators![name]!({}).options),
    priors: () => defaults(plugin.priors![name]!({}).options),
  };
  try {
    return await say[kind]();
  } catch (error) {
    // A piece with an option that has no default says so when it is made without.
    return error instanceof Error ? `needs options: ${error.message.split("\n")[0]!}` : "";
  }
}

function aboutAttack(attack: Attack): string {
  return attack.needs.length === 0 ? attack.cite : `${attack.cite}; needs ${attack.needs.join(", ")}`;
}

function aboutData({ card }: DataSource): string {
  return `${card.title}, ${card.licence}`;
}

/** A model has a size only for data: that of the plugin's first source. */
async function aboutModel(plugin: Plugin, name: string): Promise<string> {
  const [first] = Object.values(plugin.data ?? {});
  if (first === undefined) return "";
  const source = first({});
  const { input, target } = await (await source.open()).item(0);
  const model: Model = plugin.models![name]!(
    {},
    {
      input: input.shape,
      classes: target.shape.at(-1) ?? 1,
      domain: source.domain,
    },
  );
  const sizes = Object.values(model.parameters).map(({ shape }) => shape.reduce((a, b) => a * b, 1));
  const weights = sizes.reduce((a, b) => a + b, 0).toLocaleString("en-US");
  return `${weights} weights on ${source.name} [${input.shape.join(", ")}], ${model.lossKind}`;
}

function defaults(options: unknown): string {
  const words = JSON.stringify(options);
  return words === "{}" ? "" : `default options ${words}`;
}
