export { auto } from "./attacks/auto.ts";
export { type DlgOptions, dlg, idlg } from "./attacks/dlg.ts";
export { type FeatureMatchingOptions, featureMatching } from "./attacks/feature-matching.ts";
export { type GeneratorSearchOptions, generatorSearch } from "./attacks/generator-search.ts";
export { type InvertingGradientsOptions, invertingGradients } from "./attacks/inverting-gradients.ts";
export { type MaximumAPosterioriOptions, maximumAPosteriori } from "./attacks/maximum-a-posteriori.ts";
export { type DigitsOptions, digits } from "./data/digits.ts";
export { type FolderOptions, folder } from "./data/folder.ts";
export { type Photograph, photographList } from "./data/photograph-list.ts";
export { type PhotographsOptions, photographs } from "./data/photographs.ts";
export { type ImageDomain, type ImageDomainOptions, imageDomain, type Normalisation } from "./domain.ts";
export { type HeadGradient, headGradient } from "./labels/head-gradient.ts";
export {
  analyticLabels,
  biasCorrectedLabels,
  type ClassCountsOptions,
  classCounts,
  idlgLabel,
  wainakhSimpleLabels,
  yinLabels,
} from "./labels/recover-labels.ts";
export { psnr } from "./metrics/psnr.ts";
export { ssim } from "./metrics/ssim.ts";
export type { ActivationName } from "./models/activation.ts";
export { type Cnn6Options, cnn6 } from "./models/cnn6.ts";
export { type ConvNetOptions, convNet } from "./models/conv-net.ts";
export { type Conv7Options, conv7 } from "./models/conv7.ts";
export { crossEntropy } from "./models/cross-entropy.ts";
export { type LeNetZhuOptions, leNetZhu } from "./models/lenet-zhu.ts";
export { type MlpOptions, mlp } from "./models/mlp.ts";
export type { ShortcutName } from "./models/residual-step.ts";
export { type ResNet18Options, resNet18 } from "./models/resnet-18.ts";
export { type ResNet20Options, resNet20 } from "./models/resnet-20.ts";
export type { DataShape } from "./models/sequential.ts";
export { default } from "./plugin.ts";
export { type DeepImagePriorOptions, deepImagePrior } from "./priors/deep-image-prior.ts";
export { type DenoisingPlan, denoisingNetwork, denoisingShapes } from "./priors/denoising-network.ts";
export { type ImageDenoiserOptions, imageDenoiser } from "./priors/image-denoiser.ts";
export { type DenoiserMeasurement, type MeasureDenoiserOptions, measureDenoiser } from "./priors/measure-denoiser.ts";
export { type PowerSpectrumOptions, powerSpectrum } from "./priors/power-spectrum.ts";
export { type RunTrainingOptions, runTraining } from "./priors/run-training.ts";
export { type TotalVariationOptions, totalVariation } from "./priors/total-variation.ts";
export { type TrainDenoiserOptions, trainDenoiser } from "./priors/train-denoiser.ts";
export { imageSheet } from "./render/image-sheet.ts";
