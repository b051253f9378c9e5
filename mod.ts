/**
 * Momentum Contrast in TypeScript: pretrain image encoders without labels, on a current TensorFlow, from Deno.
 *
 * Training is one pure function: `step(state, views) -> { state, metrics }`. It runs eagerly, or compiled by
 * {@linkcode jit} into one TensorFlow function.
 *
 * @module
 */

// What the commands do, as functions
export { train, type TrainRequest } from "./src/run/train.ts";
export type { Trained, Watch } from "./src/run/training.ts";
export { evaluate, type Evaluated, type EvaluateRequest } from "./src/run/evaluate.ts";
export { embed, embedCheckpoints, type EmbedOutcome, type EmbedRequest } from "./src/run/embed.ts";
export {
  type CollectionFormat,
  exportCollection,
  type ExportCollectionRequest,
  type ExportedCollection,
} from "./src/run/export_collection.ts";
export type { Updated } from "./src/run/update_collection.ts";
export {
  type BegunFinetuning,
  finetune,
  type Finetuned,
  type FinetuneRequest,
  type ResumedFinetuning,
} from "./src/run/finetune.ts";
export type { Measurable } from "./src/run/measurable.ts";
export { type OpenedEncoder, openEncoder } from "./src/run/encoder.ts";
export { clusters, type ClustersRequest, type ImageCluster } from "./src/run/clusters.ts";
export type { InCollection } from "./src/run/collected.ts";
export { drawMap, drawMaps, type DrawnMap, type MapRequest } from "./src/run/draw_map.ts";
export {
  type Alikeness,
  type DuplicateGroup,
  type Duplicates,
  duplicates,
  type DuplicatesRequest,
  type Keep,
  writeDuplicateList,
} from "./src/run/duplicates.ts";
export { type LeakedImage, leaks, type LeaksRequest } from "./src/run/leaks.ts";
export type { MapPicture, MapPlace } from "./src/run/map_picture.ts";
export { type Outlier, outliers, type OutliersRequest } from "./src/run/outliers.ts";
export type { Example } from "./src/run/query_vectors.ts";
export { type FoundImage, search, type Searched, type SearchRequest } from "./src/run/search.ts";
export { select, type SelectedImage, type SelectRequest } from "./src/run/select.ts";
export { demo, type Demonstrated, type DemoRequest } from "./src/run/demo.ts";
export type { DemoFiles } from "./src/run/demo_report.ts";
export { type ImportedWeights, type ImportRequest, importWeights } from "./src/run/import_weights.ts";
export { type Exported, type ExportRequest, exportWeights } from "./src/run/export.ts";
export { replay, type ReplayedStep, type ReplayRequest } from "./src/run/replay.ts";
export { type DrawRequest, drawViews } from "./src/run/augment.ts";
export { inspect, type Inspected, type InspectedTensor, type InspectRequest } from "./src/run/inspect.ts";
export type { Statistics } from "./src/run/statistics.ts";
export { describeEngine, type EngineDescription } from "./src/run/engine.ts";
export { type ConfigSource, configure } from "./src/run/configure.ts";
export { holdOut, type LabelledDataset, type LabelledSplit, loadImages, type Note } from "./src/run/images.ts";
export type { BadConfig, ConfigureError, UnknownPreset, UnreadableConfig } from "./src/run/configure_errors.ts";
export {
  type BadViews,
  type InfiniteLoss,
  type NoLabels,
  type NoneToHoldOut,
  type NonFiniteWeights,
  type NoRun,
  type NoSuchTensor,
  renderRunError,
  type RunError,
  type SeveralCollections,
  type SmallBank,
  type TooFewImages,
  type TooLarge,
  type UnknownCount,
} from "./src/run/errors.ts";
export type {
  BadQuestion,
  ChangedEncoder,
  NoColour,
  NoIndex,
  NoMap,
  NoSuchImage,
  NothingToBeLike,
  OneHalf,
  QuestionError,
  TooFewVectors,
} from "./src/run/question_errors.ts";
export type { BadCluster, ClusterError, Unjoined } from "./src/run/cluster/errors.ts";
export type { ClusterRequest } from "./src/run/cluster/members.ts";
export type { Estimate } from "./src/run/estimate.ts";
export { type Experimented, type ExperimentRequest, runExperiment } from "./src/experiment/run_experiment.ts";
export {
  type BadCell,
  type ExperimentError,
  renderExperimentError,
  type UnknownExperiment,
  type UnknownLabel,
} from "./src/experiment/errors.ts";
export type { Labels, Scale } from "./src/experiment/types.ts";

// The engine: tfjs's ops on TensorFlow, compiled functions
export {
  type Attributes,
  type Cluster,
  type Device,
  type DType,
  dtypeOf,
  EngineError,
  type EngineErrorKind,
  type EngineInfo,
  engineInfo,
  fromBytes,
  hasFastBfloat16,
  jit,
  type JitOptions,
  joinCluster,
  type Membership,
  type Memory,
  readBytes,
  type Tensor,
  toFloat,
  type Wire,
} from "./src/engine/mod.ts";
export { tf } from "./src/engine/tf.ts";

// Core: trees of tensors, random keys, gradients, ownership
export { entries, isLeaf, leaves, map, type Tree, zip } from "./src/core/tree.ts";
export { beta, foldIn, integers, type Key, key, normal, permutation, split, uniform } from "./src/core/random.ts";
export { valueAndGrad, valueAndGradOfSum } from "./src/core/autodiff.ts";
export { recompute } from "./src/core/recompute.ts";
export { clusterDevices, type Devices, type Part, partOf, virtualDevices } from "./src/core/devices.ts";
export { dispose, keep, liveTensors, release, scope } from "./src/core/scope.ts";

// The algorithm: Momentum Contrast v1, v2 and v3
export { createMoco, type MocoConfig, type MocoState } from "./src/methods/moco.ts";
export { createMocoV3, type MocoV3Config, type MocoV3State } from "./src/methods/moco_v3.ts";
export {
  batchContrast,
  batchInfoNce,
  type Contrast,
  contrastAccuracy,
  infoNce,
  ntXent,
} from "./src/methods/contrast.ts";
export { type MomentumSchedule, momentumSchedule } from "./src/methods/momentum_schedule.ts";
export { ema } from "./src/methods/ema.ts";
export { enqueue, initQueue, type Queue } from "./src/methods/queue.ts";
export { byGroup, inOrder } from "./src/methods/shuffle_bn.ts";
export { l2Normalize } from "./src/methods/l2_normalize.ts";
export type { ContrastConfig, Method, MethodState, Metrics, PerImage, Views } from "./src/methods/types.ts";

// The mechanisms that the papers compare it with
export { createEndToEnd, type EndToEndConfig, type EndToEndState } from "./src/methods/end_to_end.ts";
export { createSimclr, type SimclrConfig, type SimclrState } from "./src/methods/simclr.ts";
export { createMemoryBank, type MemoryBankConfig, type MemoryBankState } from "./src/methods/memory_bank.ts";
export { type Bank, initBank, remember, sampleOthers } from "./src/methods/bank.ts";

// Learning from labels: fine-tuning, and the supervised baseline
export { createSupervised, type SupervisedConfig, type SupervisedState } from "./src/methods/supervised.ts";
export { smoothedTargets, softCrossEntropy } from "./src/methods/soft_cross_entropy.ts";

// Networks: layers as { init, apply } pairs
export { attention, type AttentionOptions } from "./src/nn/attention.ts";
export { batchNorm, type BatchNormOptions } from "./src/nn/batch_norm.ts";
export { conv, type ConvOptions } from "./src/nn/conv.ts";
export { dense, type DenseOptions } from "./src/nn/dense.ts";
export { gelu } from "./src/nn/gelu.ts";
export { batchNormHead, type BatchNormHeadOptions, linearClassifier, linearHead, mlpHead } from "./src/nn/heads.ts";
export { layerNorm, type LayerNormOptions } from "./src/nn/layer_norm.ts";
export { patchProjection, type PatchProjectionOptions } from "./src/nn/patch_projection.ts";
export { patchTokens, type PatchTokensOptions } from "./src/nn/patch_tokens.ts";
export { averagePool, maxPool } from "./src/nn/pool.ts";
export { sinCosPosition } from "./src/nn/position_embedding.ts";
export { recomputed } from "./src/nn/recomputed.ts";
export { relu } from "./src/nn/relu.ts";
export { residual, type ResidualOptions } from "./src/nn/residual.ts";
export { resnet18, resnet34, resnet50, type ResNetOptions } from "./src/nn/resnet.ts";
export { type NamedLayers, numbered, sequential } from "./src/nn/sequential.ts";
export { transformerBlock, type TransformerBlockOptions } from "./src/nn/transformer_block.ts";
export { vit, vitBase, vitLarge, type VitOptions, type VitSize, vitSmall, vitTiny } from "./src/nn/vit.ts";
export type { Backbone, Focus, Layer, Mode, Network, Params, Shape } from "./src/nn/types.ts";
export type { Windows } from "./src/nn/windows.ts";

// Optimizers: { init, update } pairs, and schedules as functions of the step
export { accumulate, type AccumulateState, everyNth } from "./src/optim/accumulate.ts";
export { adamW, type AdamWOptions, type AdamWState } from "./src/optim/adamw.ts";
export { applyUpdates } from "./src/optim/apply_updates.ts";
export { clipByGlobalNorm } from "./src/optim/clip.ts";
export { globalNorm } from "./src/optim/global_norm.ts";
export { lars, type LarsOptions, type LarsState } from "./src/optim/lars.ts";
export { layerDecay } from "./src/optim/layer_decay.ts";
export { layerNorms } from "./src/optim/layer_norms.ts";
export { scaleByBatch } from "./src/optim/scale_by_batch.ts";
export {
  constant,
  type Cosine,
  cosine,
  type StepDecay,
  stepDecay,
  type Warmup,
  warmup,
} from "./src/optim/schedules.ts";
export { sgd, type SgdOptions, type SgdState } from "./src/optim/sgd.ts";
export type { Optimizer, Schedule } from "./src/optim/types.ts";

// Augmentation: pure keyed functions on batches of images
export { colorJitter, type JitterOptions } from "./src/augment/color_jitter.ts";
export { compose } from "./src/augment/compose.ts";
export { contactSheet, type ContactSheetOptions } from "./src/augment/contact_sheet.ts";
export { type BlurOptions, gaussianBlur } from "./src/augment/gaussian_blur.ts";
export { type FlipOptions, horizontalFlip } from "./src/augment/horizontal_flip.ts";
export { mixup, type Targeted } from "./src/augment/mixup.ts";
export { normalize, type NormalizeOptions } from "./src/augment/normalize.ts";
export { type GrayscaleOptions, randomGrayscale } from "./src/augment/random_grayscale.ts";
export { type CropOptions, randomResizedCrop } from "./src/augment/random_resized_crop.ts";
export { plainView, recipe, type RecipeNumbers, recipeNumbers, type RecipeOptions } from "./src/augment/recipe.ts";
export { randomSolarize, type SolarizeOptions } from "./src/augment/solarize.ts";
export { oneView, twoViews } from "./src/augment/two_views.ts";
export type { Augmentation, Crops, OfBatch, Range } from "./src/augment/types.ts";

// Data: images in memory, in batches
export { type DataSource, loadDataset, type Loaded } from "./src/data/load.ts";
export { batches, batchesInOrder, type BatchesOptions } from "./src/data/loader.ts";
export {
  type DataError,
  type MalformedFile,
  type MissingPath,
  type NoClasses,
  type NoImages,
  type PackageUnavailable,
  renderDataError,
  type UnclearHalves,
  type UnreadableImage,
} from "./src/data/errors.ts";
export {
  type AboutImages,
  type AnyIterable,
  type Batch,
  type Batches,
  type Dataset,
  type ImageFiles,
  type Images,
  isInFiles,
  type LoadOptions,
  type SkippedImage,
  type Split,
} from "./src/data/types.ts";
export { type DataDigest, digestOf } from "./src/data/data_digest.ts";
export type { BoxLaw } from "./src/data/crop_box.ts";
export type { ImageLimits, ImagePart, ImageSource } from "./src/data/image_source.ts";
export { inMemory } from "./src/data/in_order.ts";
export type { ReadOptions } from "./src/data/planned_image.ts";
export { UnusableImage } from "./src/data/unusable.ts";
export type { RandomViews } from "./src/data/epoch_images.ts";
export { type ViewBatches, viewBatches, type ViewBatchesOptions } from "./src/data/view_batches.ts";

// Training: next batch, step, record
export { pretrain } from "./src/train/pretrain.ts";
export { type StepOptions, type TrainState, type TrainStep, trainStep, type ViewsOf } from "./src/train/train_step.ts";
export { type Reporter, type Terminal, terminalReporter } from "./src/train/progress.ts";
export {
  type DifferentData,
  type DifferentWorkers,
  type MissingWorkers,
  type NonFinite,
  type NotARun,
  renderTrainingError,
  type RunBusy,
  type RunExists,
  type TrainingError,
  type Unsaved,
  type Worker,
} from "./src/train/errors.ts";
export type { Asked, Team } from "./src/train/team.ts";
export { type MetricsRecord, parseMetrics } from "./src/train/metrics_log.ts";
export { type EndingSignal, exitStatus, type Interrupt, listenForInterrupt } from "./src/train/interrupt.ts";
export type { Outcome, Pretraining, TrainingOptions } from "./src/train/types.ts";

// Files: safetensors, and what can be wrong with any file
export {
  type DamagedFile,
  type FileError,
  type FormatError,
  type FormatFault,
  renderFileError,
  type UnreadableFile,
  type UnwritableFile,
} from "./src/files/errors.ts";
export {
  type CheckOptions,
  decode as decodeSafetensors,
  type Dtype,
  encode as encodeSafetensors,
  type StoredTensor,
  type TensorFile,
  type TensorInfo,
} from "./src/files/safetensors.ts";
export type {
  CannotExport,
  InterchangeError,
  OwnCheckpoint,
  UnknownEncoder,
  UnknownFormat,
  UnknownLayout,
} from "./src/interchange/errors.ts";
export type { Json } from "./src/files/json.ts";
export type { LazyTensor } from "./src/files/tensor_file.ts";
export type { OpenFile, OutputFile } from "./src/files/atomic.ts";

// Checkpoints: the whole state as safetensors
export {
  type About,
  type Best,
  type Checkpoint,
  loadCheckpoint,
  type Position,
  saveCheckpoint,
  type StoredCheckpoint,
} from "./src/checkpoint/checkpoint.ts";
export {
  type CheckpointError,
  type Difference,
  type DifferentState,
  type NoCheckpoint,
  type NotACheckpoint,
  renderCheckpointError,
} from "./src/checkpoint/errors.ts";
export { type Latest, loadLatest } from "./src/checkpoint/folder.ts";
export { restore, tensorsOf } from "./src/checkpoint/state.ts";

// Evaluation: what a frozen encoder is worth
export {
  evaluateEncoder,
  type Evaluation,
  type EvaluationOptions,
  type LabelledImages,
} from "./src/evaluate/evaluate.ts";
export { scoreClassifier } from "./src/evaluate/classify.ts";
export {
  extractFeatures,
  type FeatureOptions,
  type LabelledFeatures,
  labelledFeatures,
  pixels,
} from "./src/evaluate/features.ts";
export { knn, type KnnOptions, type KnnResult } from "./src/evaluate/knn.ts";
export { type LinearOptions, linearProbe, type LinearResult, type RateScore } from "./src/evaluate/linear.ts";
export type { LinearHead } from "./src/evaluate/linear_heads.ts";
export { type Classes, type ClassScore, score, type Scores } from "./src/evaluate/scores.ts";

// Collections: embedded images in one file
export {
  type Answer,
  type Collection,
  openCollection,
  type OpenCollectionOptions,
} from "./src/search/collection/collection.ts";
export {
  type BusyCollection,
  type CollectionError,
  type DamagedCollection,
  type NewerCollection,
  type NoSuchVectors,
  type NotACollection,
  type OtherEncoder,
  renderCollectionError,
} from "./src/search/collection/errors.ts";
export type {
  CollectionClusters,
  CollectionCounts,
  CollectionEncoder,
  CollectionImage,
  CollectionMap,
  CollectionSource,
  CollectionVectors,
  Column,
  Counted,
} from "./src/search/collection/types.ts";

// Search: what is alike, by unit vectors
export { closeGroups } from "./src/search/close_pairs.ts";
export { duplicateGroups } from "./src/search/duplicates.ts";
export type { PairOptions } from "./src/search/for_each_pair.ts";
export { type Clusters, kMeans, type KMeansOptions } from "./src/search/k_means.ts";
export { findLeaks, type Leak } from "./src/search/leaks.ts";
export { liking } from "./src/search/liking.ts";
export { createSearcher, nearest, type Neighbour, type Searcher } from "./src/search/nearest.ts";
export { type GraphOptions, type NeighbourGraph, neighbourGraph } from "./src/search/neighbour_graph.ts";
export { neighbourDistances } from "./src/search/outliers.ts";
export { type Selection, type SelectOptions, selectSpread } from "./src/search/select_spread.ts";
export { sharpness } from "./src/search/sharpness.ts";
export { placeOnMap, umap, type UmapOptions } from "./src/search/umap/umap.ts";
export type { UnitVectors } from "./src/search/unit_vectors.ts";

// Reports: one page of what was learned
export {
  gallery,
  type GalleryInput,
  type GalleryRow,
  type LabelledPixels,
  type Picture,
} from "./src/report/gallery.ts";
export { renderReport } from "./src/report/report.ts";
export { type Result, type Summary, toResult } from "./src/report/summary.ts";
export type { ReportData } from "./src/report/types.ts";

// Declarations: what a configuration may say, beside what it builds
export { augmentation } from "./src/augment/recipe_settings.ts";
export { sources } from "./src/data/table.ts";
export { methods } from "./src/methods/table.ts";
export { encoders } from "./src/nn/table.ts";
export { optimizers } from "./src/optim/table.ts";
export { training } from "./src/train/training_settings.ts";
export type { Filled, Partly, Tagged, Value, Values, Written } from "./src/core/declare.ts";

// Configuration: a run as data
export { buildClassifier, buildFeatures, buildMethod, buildViews, viewShape } from "./src/config/build.ts";
export { buildSchedule } from "./src/config/build_optimizer.ts";
export { parseConfig } from "./src/config/config.ts";
export { defaultConfig } from "./src/config/default_config.ts";
export type {
  AugmentConfig,
  Config,
  DataConfig,
  EncoderConfig,
  MethodConfig,
  OptimizerConfig,
  ParseOptions,
  PartialConfig,
  TrainingConfig,
} from "./src/config/types.ts";
export { type ConfigError } from "./src/config/errors.ts";
export { type Preset, presets } from "./src/config/presets.ts";
export { jsonSchema } from "./src/config/schema.ts";
export { renderConfig, renderConfigErrors } from "./src/config/render.ts";

// fp-ts's types, in which files and configurations answer
export type { Either, TaskEither } from "./src/core/either.ts";
