/** Where the devices, frameworks and versions come from. */
export const NEO_SOURCE = {
  source: "https://docs.aws.amazon.com/sagemaker/latest/dg/neo-supported-cloud.html",
  asOf: "2026-11-23",
} as const;

/** Frameworks that Neo compiles for instances in the cloud; its API names three more, which are for devices at the edge. */
export const NEO_FRAMEWORKS = ["keras", "mxnet", "onnx", "pytorch", "tensorflow", "xgboost"] as const;
export type NeoFramework = (typeof NEO_FRAMEWORKS)[number];

/**
 * Frameworks of which a job may name the version.
 * @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_InputConfig.html (botocore 1.44.5, 2026-11-17)
 */
export const VERSIONED_FRAMEWORKS: readonly NeoFramework[] = ["mxnet", "pytorch", "tensorflow"];

/** One value of `TargetDevice` that is an instance of SageMaker hosting. */
export interface NeoDevice {
  readonly device: string;
  /** Family of the instance types, by which the device is chosen. */
  readonly family: string;
  /** Families of the same processors, with local disks or more network: the manifest names the device for them. */
  readonly alike: readonly string[];
  /** What it compiles, with the versions (`major.minor`) that AWS lists; null where it lists none. */
  readonly frameworks: Readonly<Partial<Record<NeoFramework, readonly string[] | null>>>;
  /** Regions that have it; null is every region that has Neo. */
  readonly regions: readonly string[] | null;
  /** Whether the compiler is Neuron's, which takes its options as on a command line. */
  readonly neuron: boolean;
}

const INSTANCES = {
  keras: ["2.2"],
  mxnet: ["1.8"],
  onnx: ["1.7"],
  pytorch: ["1.4", "1.5", "1.6", "1.7", "1.8", "1.12", "1.13", "2.0"],
  tensorflow: ["1.15", "2.9"],
  xgboost: ["1.3"],
} as const;

/** https://github.com/aws/sagemaker-python-sdk, `sagemaker/model.py` of sagemaker 2.257.7: no versions are listed. */
const NEURON_2 = { pytorch: null, tensorflow: null } as const;

const instances = (family: string, alike: readonly string[] = []): NeoDevice => ({
  device: `ml_${family}`,
  family,
  alike,
  frameworks: INSTANCES,
  regions: null,
  neuron: false,
});

/**
 * Devices that a model may be compiled for here. The API's `ml_c6g` and `ml_m6g` are left out: AWS lists neither among the
 * instances that a compiled model is deployed to, and publishes no container for them. `ml_eia2` ended with Elastic Inference
 * (https://docs.aws.amazon.com/cli/latest/reference/elastic-inference, 2026-11).
 * Regions of `ml_inf2` and `ml_trn1`: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_OutputConfig.html
 * (botocore 1.44.5, 2026-11-17).
 */
export const NEO_DEVICES: readonly NeoDevice[] = [
  instances("c4"),
  instances("c5", ["c5d"]),
  instances("m4"),
  instances("m5", ["m5d"]),
  instances("p2"),
  instances("p3"),
  instances("g4dn"),
  {
    device: "ml_inf1",
    family: "inf1",
    alike: [],
    frameworks: {
      mxnet: ["1.5", "1.8"],
      pytorch: ["1.7", "1.8", "1.9"],
      tensorflow: ["1.15", "2.5"],
    },
    regions: null,
    neuron: true,
  },
  {
    device: "ml_inf2",
    family: "inf2",
    alike: [],
    frameworks: NEURON_2,
    regions: ["us-east-2"],
    neuron: true,
  },
  {
    device: "ml_trn1",
    family: "trn1",
    alike: ["trn1n"],
    frameworks: NEURON_2,
    regions: ["us-east-1"],
    neuron: true,
  },
];

/** Names of the devices, for the manifest. */
export const NEO_DEVICE_NAMES = NEO_DEVICES.map(({ device }) => device);

/** A device by its name. */
export function neoDevice(name: string): NeoDevice | undefined {
  return NEO_DEVICES.find(({ device }) => device === name);
}

/** The device of an instance type, such as `ml_c5` for `ml.c5.xlarge`; undefined where Neo has none. */
export function deviceOfInstance(instanceType: string): NeoDevice | undefined {
  const family = familyOf(instanceType);
  return NEO_DEVICES.find((device) => device.family === family);
}

/** Whether what was compiled for a device runs on an instance type. */
export function runsOn(device: NeoDevice, instanceType: string): boolean {
  const family = familyOf(instanceType);
  return device.family === family || device.alike.includes(family);
}

function familyOf(instanceType: string): string {
  return instanceType.split(".")[1] ?? "";
}
