import { isDeepLearningContainer } from "../aws/deep-learning-containers";
import type { CodeDescription, Finding, ManifestPath } from "../issues/issue";
import { show } from "../issues/issue";
import type { EnvironmentPlan, PlannedNeo, PlannedRegion } from "../plan/plan";
import { compilerOptions, dataInputConfig, deviceOf } from "./compilation";
import {
  deviceOfInstance,
  NEO_DEVICES,
  NEO_SOURCE,
  type NeoDevice,
  runsOn,
  VERSIONED_FRAMEWORKS,
} from "./devices";

const error = (summary: string): CodeDescription => ({ summary, severity: "error" });

/** Codes of targets that can have their model compiled. */
export const NEO_CODES = {
  NEO_ARTIFACT: error("There is no artifact to compile, or not as one model.tar.gz."),
  NEO_DEVICE: error("SageMaker Neo does not compile for the instance type, or not in the region."),
  NEO_FRAMEWORK: error("SageMaker Neo does not compile the framework, or its version, for the device."),
  NEO_INPUTS: error(
    "Input shapes that the framework needs are absent, or such as it does not take are given.",
  ),
  NEO_COMPILER_OPTIONS: error("Compiler options that are not written as the device's compiler takes them."),
  NEO_IMAGE: {
    summary: "The image is an AWS Deep Learning Container, which has no runtime for compiled models.",
    severity: "warning",
  },
} as const satisfies Readonly<Record<string, CodeDescription>>;

const NEO: ManifestPath = ["model", "optimize", "neo"];

/** Characters: SageMaker API model (botocore 1.44.5, 2026-11-17), DataInputConfig and CompilerOptions. */
const LIMITS = { inputs: 16384, options: { min: 3, max: 1024 } } as const;
const API = "SageMaker API model (botocore 1.44.5), 2026-11-17";

const SOURCE = `${NEO_SOURCE.source}, ${NEO_SOURCE.asOf}`;

/**
 * What keeps a model from being compiled for an instance type.
 * @param instanceType undefined where none could be chosen, which is reported elsewhere.
 */
export function* checkCompilation(
  plan: Pick<EnvironmentPlan, "model"> & { readonly region: PlannedRegion },
  instanceType: string | undefined,
): Iterable<Finding> {
  const { optimize } = plan.model;
  if (optimize === null) return;
  const { neo } = optimize;
  yield* artifact(plan.model);
  yield* inputs(neo);
  yield* image(plan.model);
  if (instanceType === undefined) return;
  const device = deviceOf(neo, instanceType);
  if (device === undefined || !runsOn(device, instanceType)) {
    yield unsuitable(instanceType, device);
    return;
  }
  if (device.regions?.includes(plan.region.name) === false) {
    yield {
      path: neo.device === null ? NEO : [...NEO, "device"],
      code: "NEO_DEVICE",
      message: `SageMaker Neo does not compile for ${device.device} in ${plan.region.name}`,
      allowed: `${device.regions.join(", ")} (${API}, OutputConfig)`,
      fix: "use another instance type, or compile the model yourself and remove model.optimize.neo",
    };
  }
  yield* framework(neo, device);
  yield* options(neo, device);
}

function unsuitable(instanceType: string, device: NeoDevice | undefined): Finding {
  const right = deviceOfInstance(instanceType) ?? NEO_DEVICES.find((other) => runsOn(other, instanceType));
  const families = NEO_DEVICES.map(({ family }) => `ml.${family}`).join(", ");
  return {
    path: device === undefined ? NEO : [...NEO, "device"],
    code: "NEO_DEVICE",
    message:
      device === undefined
        ? `SageMaker Neo has no device for ${instanceType}`
        : `the endpoint runs on ${instanceType}; a model that is compiled for ${device.device} does not`,
    allowed:
      right === undefined ? `instance types of ${families} (${SOURCE})` : `${right.device} (${SOURCE})`,
    fix:
      right === undefined
        ? "use an instance type of one of these families, or remove model.optimize.neo"
        : device === undefined
          ? `add device: ${right.device}, whose processors it has`
          : `remove device, or write ${right.device}`,
  };
}

function* artifact({ artifact: given }: EnvironmentPlan["model"]): Iterable<Finding> {
  const allowed = "a local file or folder, or s3://bucket/key.tar.gz";
  if (given === null) {
    yield {
      path: NEO,
      code: "NEO_ARTIFACT",
      message: "compiles model.artifact, and there is none",
      allowed,
      fix: "add model.artifact, or remove model.optimize.neo",
    };
  } else if (given.kind === "s3" && given.key.endsWith("/")) {
    // Anything else that is no archive is refused by the target itself.
    yield {
      path: ["model", "artifact"],
      code: "NEO_ARTIFACT",
      message: `SageMaker Neo compiles one archive, and ${show(given.uri)} is none`,
      allowed: `${allowed} (${API}, InputConfig.S3Uri)`,
      fix: "pack the model with tar and gzip, or remove model.optimize.neo",
    };
  }
}

function* inputs(neo: PlannedNeo): Iterable<Finding> {
  const path = [...NEO, "inputs"];
  const names = Object.keys(neo.inputs);
  const example = "{ input0: [1, 3, 224, 224] }";
  if (neo.framework === "xgboost") {
    if (names.length === 0) return;
    yield {
      path,
      code: "NEO_INPUTS",
      message: "has no meaning for xgboost, whose inputs have neither names nor shapes",
      fix: "remove inputs",
      atKey: true,
    };
  } else if (names.length === 0) {
    yield {
      path,
      code: "NEO_INPUTS",
      message: `is required for ${neo.framework}`,
      allowed: `names and shapes of the inputs (${API}, InputConfig.DataInputConfig)`,
      fix: `for example inputs: ${example}`,
    };
  } else if (names.length > 1 && names.some((name) => /^\d+$/.test(name))) {
    yield {
      path,
      code: "NEO_INPUTS",
      message: "names inputs by numbers only, which do not keep the order they are written in",
      allowed: "names with a letter, where there are several",
      fix: "rename the model's inputs when it is saved",
    };
  }
  const length = dataInputConfig(neo)?.length ?? 0;
  if (length > LIMITS.inputs) {
    yield {
      path,
      code: "NEO_INPUTS",
      message: `has ${length} characters as JSON`,
      allowed: `at most ${LIMITS.inputs} (${API}, DataInputConfig)`,
    };
  }
}

function* framework(neo: PlannedNeo, { device, frameworks }: NeoDevice): Iterable<Finding> {
  const { framework: name, frameworkVersion: version } = neo;
  const versions = frameworks[name];
  if (versions === undefined) {
    yield {
      path: [...NEO, "framework"],
      code: "NEO_FRAMEWORK",
      message: `SageMaker Neo does not compile ${name} for ${device}`,
      allowed: `${Object.keys(frameworks).join(", ")} (${SOURCE})`,
    };
    return;
  }
  if (version === null) return;
  const path = [...NEO, "frameworkVersion"];
  if (!VERSIONED_FRAMEWORKS.includes(name)) {
    yield {
      path,
      code: "NEO_FRAMEWORK",
      message: `SageMaker Neo takes no version of ${name}`,
      allowed: `a version of ${VERSIONED_FRAMEWORKS.join(", ")} (${API}, InputConfig)`,
      fix: versions === null ? "remove it" : `remove it; Neo compiles ${name} up to ${versions.join(", ")}`,
      atKey: true,
    };
  } else if (versions !== null && !versions.includes(version)) {
    yield {
      path,
      code: "NEO_FRAMEWORK",
      message: `SageMaker Neo does not compile ${name} ${version} for ${device}`,
      allowed: `${versions.join(", ")} (${SOURCE})`,
    };
  }
}

function* options(neo: PlannedNeo, { device, neuron }: NeoDevice): Iterable<Finding> {
  const text = compilerOptions(neo);
  if (text === null) return;
  const path = [...NEO, "compilerOptions"];
  if ((typeof neo.compilerOptions === "string") !== neuron) {
    yield {
      path,
      code: "NEO_COMPILER_OPTIONS",
      message: `the compiler for ${device} takes ${neuron ? "a text, not a map" : "a map, not a text"}`,
      allowed: `${neuron ? '"-O2"' : "{ dtype: float32 }"}, for example (${API}, OutputConfig.CompilerOptions)`,
    };
  } else if (text.length < LIMITS.options.min || text.length > LIMITS.options.max) {
    yield {
      path,
      code: "NEO_COMPILER_OPTIONS",
      message: `has ${text.length} characters as JSON`,
      allowed: `${LIMITS.options.min} to ${LIMITS.options.max} (${API}, CompilerOptions)`,
      ...(text.length < LIMITS.options.min ? { fix: "remove it" } : {}),
    };
  }
}

/** Containers of AWS that run on Inferentia and Trainium name Neuron, and load what Neo compiles with it. */
function* image({ image: given }: EnvironmentPlan["model"]): Iterable<Finding> {
  if (given.kind === "build" || !isDeepLearningContainer(given.uri)) return;
  if (given.reference.repository.includes("neuron")) return;
  yield {
    path: ["model", "image"],
    code: "NEO_IMAGE",
    message: `${given.reference.repository} is an AWS Deep Learning Container, which cannot be expected to load what Neo compiled`,
    allowed:
      "a Neo inference image (https://docs.aws.amazon.com/sagemaker/latest/dg/neo-deployment-hosting-services-container-images.html, 2026-11-23), or an image of your own with Neo's runtime",
    fix: "use the image that the compilation job names as its InferenceImage",
  };
}
