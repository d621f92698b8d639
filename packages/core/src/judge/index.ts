export { type Floor, floorOf, type Sample, type Scores, scoreOf, scoresOf, type TrueItem } from "./floor.ts";
export { type BootstrapOptions, bootstrap, type Interval, pairedBootstrap } from "./interval.ts";
export { type JudgedItem, judge } from "./judge.ts";
export { assign } from "./match.ts";
export { type ItemsFound, type Memorisation, memorisation } from "./memorisation.ts";
