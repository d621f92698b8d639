/** What each knowledge flag means for a reader who does not know the field. */
const sentences: ReadonlyMap<string, string> = new Map([
  ["architecture", "The structure of the model."],
  ["weights", "The weights of the model at the moment of the observation."],
  ["weightDistribution", "How the weights of the model were drawn, though not the weights."],
  ["activeServer", "The attacker chose or modified the model. This is stronger than watching."],
  ["batchSize", "How many examples went into the observation."],
  ["labels", "The exact label of every example."],
  ["labelCounts", "Which labels occur, and how often, though not which example has which."],
  ["lossKind", "Which loss the model is trained with."],
  ["lossReduction", "Whether the loss of a batch is a sum or a mean."],
  ["inputRange", "The range in which the values of the data lie."],
  ["inputStats", "The mean and the spread of the data."],
  ["sequenceLengths", "How long each example is."],
  ["padding", "How examples are filled up to one length."],
  ["vocabulary", "The list of units the examples are written in."],
  ["tokenizer", "How examples are cut into units."],
  ["embeddings", "The vectors by which the model represents each unit."],
  ["localSteps", "How many training steps were taken before the update was shared."],
  ["localLr", "The learning rate of those steps."],
  ["localSchedule", "Which examples went into which step."],
  ["momentum", "The momentum of the optimiser."],
  ["bnRunningStats", "Statistics of the training data that the model carries with it."],
  ["bnBatchStats", "Statistics of exactly the private batch. This is a strong assumption."],
  ["trainMode", "That the model ran in training mode."],
  ["defenceKind", "Which defence is used."],
  ["defenceParams", "The settings of the defence."],
  ["mask", "Which entries of the observation survived pruning."],
  ["clipScale", "The factor by which the observation was scaled down."],
  ["adjacency", "Which parts of an example are connected."],
  ["nodeCount", "How many parts an example has."],
  ["degrees", "How many connections each part has."],
  ["edgeDensity", "How densely the parts are connected."],
  ["weightDecay", "The strength of weight decay in training."],
  ["trainedToMargin", "That the model was trained until it separates its examples with a margin."],
  ["auxiliaryData", "Other data of a similar kind."],
  ["priorModel", "A model trained on other data of a similar kind."],
  [
    "trueMatching",
    "The originals themselves, to match reconstructions during the attack. Scores from such a run show no leak.",
  ],
]);

/** One plain sentence for a knowledge flag; undefined for a flag this package does not know. */
export function flagSentence(flag: string): string | undefined {
  return sentences.get(flag);
}

/** Flags a reader must not overlook: they make the attacker stronger than an observer. */
export const strongFlags: readonly string[] = ["activeServer", "bnBatchStats", "trueMatching"];
