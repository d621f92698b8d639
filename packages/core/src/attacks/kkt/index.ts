export { type DenseNet, decisions, denseNet } from "./dense-layers.ts";
export { type DenseSearchOptions, denseSearch, type SearchRun, type SearchSetting } from "./dense-search.ts";
export { distinctUnits, type UnitPlane } from "./distinct-units.ts";
export { canIntersect, type KinkOptions, type KinkPoints, kinkIntersections } from "./kink-intersections.ts";
export { type MarginSpan, marginSpan } from "./margin-span.ts";
