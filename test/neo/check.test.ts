import { type Given, manifest, PYTORCH } from "./support";
import { NEO_DEVICES, runsOn } from "../../modules/neo/devices";
import { sageMakerInstances } from "../../modules/aws/instances";
import { issues } from "../support/synth";

/** What is said of a manifest, warnings included: code, place and words. */
function said(given: Given): readonly string[] {
  return issues({ manifest: manifest(given) }).map(
    ({ code, path, message, allowed, fix }) =>
      `${code} ${path}: ${message} | ${allowed ?? ""} | ${fix ?? ""}`,
  );
}

/** The only region where Neo compiles for the second generation of Inferentia. */
const US_EAST_2 = {
  region: "us-east-2",
  account: undefined,
  security: {},
  observability: {},
};

const DEVICES_PAGE = "https://docs.aws.amazon.com/sagemaker/latest/dg/neo-supported-cloud.html, 2026-11-23";

test.each<readonly [string, Given]>([
  ["PyTorch on CPUs", { neo: { ...PYTORCH, frameworkVersion: "1.13" } }],
  ["XGBoost, which has no inputs", { neo: { framework: "xgboost" } }],
  ["a GPU", { instanceType: "ml.g4dn.xlarge" }],
  [
    "Inferentia",
    { neo: { ...PYTORCH, compilerOptions: "--num-neuroncores 2 -O2" }, instanceType: "ml.inf1.xlarge" },
  ],
  [
    "instances with local disks, by the device's name",
    { neo: { ...PYTORCH, device: "ml_m5" }, instanceType: "ml.m5d.xlarge" },
  ],
  [
    "Inferentia's second generation, where Neo has it",
    { instanceType: "ml.inf2.xlarge", changes: US_EAST_2 },
  ],
])("takes %s", (_, given) => {
  expect(said(given)).toEqual([]);
});

describe("the device", () => {
  test("exists for no instance type but those of Neo's families", () => {
    expect(said({ instanceType: "ml.m6i.xlarge" })).toEqual([
      "NEO_DEVICE model.optimize.neo: SageMaker Neo has no device for ml.m6i.xlarge | " +
        "instance types of ml.c4, ml.c5, ml.m4, ml.m5, ml.p2, ml.p3, ml.g4dn, ml.inf1, ml.inf2, ml.trn1 " +
        `(${DEVICES_PAGE}) | use an instance type of one of these families, or remove model.optimize.neo`,
    ]);
  });

  test("is asked for where the family only has the same processors", () => {
    expect(said({ instanceType: "ml.c5d.xlarge" })).toEqual([
      "NEO_DEVICE model.optimize.neo: SageMaker Neo has no device for ml.c5d.xlarge | " +
        `ml_c5 (${DEVICES_PAGE}) | add device: ml_c5, whose processors it has`,
    ]);
  });

  test("is the endpoint's", () => {
    expect(said({ neo: { ...PYTORCH, device: "ml_m5" } })).toEqual([
      "NEO_DEVICE model.optimize.neo.device: the endpoint runs on ml.c5.xlarge; a model that is compiled for ml_m5 does not | " +
        `ml_c5 (${DEVICES_PAGE}) | remove device, or write ml_c5`,
    ]);
  });

  test("is there in its regions only", () => {
    const [issue] = said({ instanceType: "ml.inf2.xlarge" });
    expect(issue).toContain("SageMaker Neo does not compile for ml_inf2 in eu-west-1 | us-east-2");
  });

  test("names a family that SageMaker hosts models on", () => {
    const hosting = sageMakerInstances().filter((instance) => instance.hosting);
    for (const device of NEO_DEVICES) {
      for (const family of [device.family, ...device.alike])
        expect([family, hosting.some(({ type }) => type.startsWith(`ml.${family}.`))]).toEqual([
          family,
          true,
        ]);
      expect(runsOn(device, `ml.${device.family}.xlarge`)).toBe(true);
    }
  });
});

describe("the framework", () => {
  test.each<readonly [string, Given, string]>([
    [
      "a version that Neo does not compile",
      { neo: { ...PYTORCH, frameworkVersion: "2.1" } },
      "pytorch 2.1 for ml_c5 | 1.4, 1.5, 1.6, 1.7, 1.8, 1.12, 1.13, 2.0",
    ],
    [
      "a version that the device's compiler lacks",
      { neo: { ...PYTORCH, frameworkVersion: "2.0" }, instanceType: "ml.inf1.xlarge" },
      "pytorch 2.0 for ml_inf1 | 1.7, 1.8, 1.9",
    ],
    [
      "a version where none is taken",
      { neo: { framework: "xgboost", frameworkVersion: "1.3" } },
      "takes no version of xgboost",
    ],
    [
      "a framework that the device lacks",
      { neo: { framework: "onnx", inputs: { a: [1] } }, instanceType: "ml.inf1.xlarge" },
      "does not compile onnx for ml_inf1 | mxnet, pytorch, tensorflow",
    ],
  ])("is refused with %s", (_, given, words) => {
    const [issue, ...others] = said(given);
    expect(issue).toMatch(/^NEO_FRAMEWORK /);
    expect(issue).toContain(words);
    expect(others).toEqual([]);
  });

  test("has its version quoted, as 2.0 is the number 2", () => {
    expect(said({ neo: { ...PYTORCH, frameworkVersion: 2 } })).toEqual([
      expect.stringMatching(/^TYPE model\.optimize\.neo\.frameworkVersion: .*major\.minor, quoted/),
    ]);
  });
});

describe("the inputs", () => {
  test.each<readonly [string, Given, string]>([
    ["absent", { neo: { framework: "onnx" } }, "is required for onnx"],
    ["given to XGBoost", { neo: { framework: "xgboost", inputs: { a: [1] } } }, "has no meaning for xgboost"],
    [
      "several, and numbers",
      { neo: { ...PYTORCH, inputs: { "1": [1], "0": [1] } } },
      "do not keep the order",
    ],
    [
      "longer than the API takes",
      {
        neo: {
          ...PYTORCH,
          inputs: Object.fromEntries(
            Array.from({ length: 200 }, (_, index) => [`${"x".repeat(100)}${index}`, [1]]),
          ),
        },
      },
      "characters as JSON",
    ],
  ])("are refused where they are %s", (_, given, words) => {
    const [issue, ...others] = said(given);
    expect(issue).toMatch(/^NEO_INPUTS model\.optimize\.neo\.inputs: /);
    expect(issue).toContain(words);
    expect(others).toEqual([]);
  });

  test("may be one that is named by a number", () => {
    expect(said({ neo: { framework: "onnx", inputs: { "0": [1, 8] } } })).toEqual([]);
  });
});

describe("the compiler's options", () => {
  test("are a map, and for Neuron's compiler a text", () => {
    expect(said({ neo: { ...PYTORCH, compilerOptions: "-O2" } })[0]).toContain(
      "for ml_c5 takes a map, not a text",
    );
    expect(
      said({ neo: { ...PYTORCH, compilerOptions: { dtype: "float32" } }, instanceType: "ml.inf1.xlarge" })[0],
    ).toContain("for ml_inf1 takes a text, not a map");
  });

  test.each([
    ["no option", {}, "has 2 characters"],
    [
      "more than the API takes",
      Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`o${i}`, "x".repeat(200)])),
      "characters as JSON",
    ],
  ])("are refused with %s", (_, compilerOptions, words) => {
    expect(said({ neo: { ...PYTORCH, compilerOptions } })).toEqual([
      expect.stringMatching(new RegExp(`^NEO_COMPILER_OPTIONS .*${words}`)),
    ]);
  });
});

describe("the artifact", () => {
  test.each<readonly [string, Given["model"], string]>([
    ["absent", { artifact: undefined }, "NEO_ARTIFACT"],
    ["a prefix", { artifact: "s3://models/fraud/" }, "NEO_ARTIFACT"],
    ["no archive", { artifact: "s3://models/model.pth" }, "SAGEMAKER_ARTIFACT"],
  ])("is refused where it is %s", (_, model = {}, code) => {
    expect(issues({ manifest: manifest({ model }) }).map((issue) => issue.code)).toEqual([code]);
  });
});

describe("the image", () => {
  const image = (account: string, repository: string) =>
    `${account}.dkr.ecr.eu-west-1.amazonaws.com/${repository}@sha256:${"a".repeat(64)}`;

  test("is warned of where it is a container of AWS without Neo's runtime", () => {
    const found = issues({
      manifest: manifest({ model: { image: image("763104351884", "pytorch-inference") } }),
    });
    expect(found.map(({ code, severity }) => [code, severity])).toEqual([["NEO_IMAGE", "warning"]]);
  });

  test.each([
    ["Neo's own", image("802834080501", "sagemaker-inference-pytorch")],
    ["one for Inferentia", image("763104351884", "pytorch-inference-neuron")],
  ])("is not where it is %s", (_, given) => {
    expect(said({ model: { image: given } })).toEqual([]);
  });
});

test.each(["lambda", "ecs-fargate", "eks", "docker"])("on %s it is an error that names who can", (target) => {
  const found = issues({ manifest: manifest(), target }).find(({ code }) => code === "OPTIMIZER_UNSUPPORTED");
  expect(found).toMatchObject({ severity: "error", path: "model.optimize.neo", allowed: "none" });
  expect(found?.fix).toBe("remove model.optimize.neo; targets that can: sagemaker-realtime (provisioned)");
});
