import type { DataSource, Item } from "@recon/core";

/** Windows of series that an attacker has of its own: of the same sort as the secret ones, and none of them. */
export interface AuxiliaryWindows {
  /** Where they come from, for the record. */
  readonly name: string;
  open(): Promise<readonly Item[]>;
}

/**
 * Windows of the training part of a data source, evenly spread over it.
 *
 * @param most 512 unless said.
 */
export function auxiliaryWindows(source: DataSource, most = 512): AuxiliaryWindows {
  return {
    name: source.name,
    open: async () => {
      const { training } = await source.open();
      if (training === undefined) return [];
      const count = Math.min(most, training.size);
      return Promise.all(
        Array.from({ length: count }, (_, i) => training.item(Math.floor((i * training.size) / count))),
      );
    },
  };
}
