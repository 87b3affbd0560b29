import {
  deepLearningContainersAccount,
  deepLearningContainersRegistry,
  deepLearningContainersSource,
  isDeepLearningContainer,
} from "../../modules/aws/deep-learning-containers";
import { regionNames } from "../../modules/aws/regions";

describe("deepLearningContainersAccount", () => {
  test.each([
    ["us-east-1", "763104351884"],
    ["eu-west-1", "763104351884"],
    ["af-south-1", "626614931356"],
    ["ap-east-1", "871362719292"],
    ["ap-northeast-3", "364406365360"],
    ["eu-south-1", "692866216735"],
    ["me-south-1", "217643126080"],
    ["cn-north-1", "727897471807"],
    ["cn-northwest-1", "727897471807"],
    ["us-gov-east-1", "446045086412"],
    ["us-gov-west-1", "442386744353"],
  ])("%s: %s", (region, account) => expect(deepLearningContainersAccount(region)).toBe(account));

  test("every region has one", () => {
    for (const region of regionNames()) expect(deepLearningContainersAccount(region)).toMatch(/^[0-9]{12}$/);
  });

  test.each(["", "eu-west-9", "constructor"])("%j has none", (region) => {
    expect(deepLearningContainersAccount(region)).toBeUndefined();
    expect(deepLearningContainersRegistry(region)).toBeUndefined();
  });
});

test("the registry's host follows the partition", () => {
  expect(deepLearningContainersRegistry("eu-west-1")).toBe("763104351884.dkr.ecr.eu-west-1.amazonaws.com");
  expect(deepLearningContainersRegistry("cn-north-1")).toBe(
    "727897471807.dkr.ecr.cn-north-1.amazonaws.com.cn",
  );
});

test.each([
  ["763104351884.dkr.ecr.eu-west-1.amazonaws.com/huggingface-pytorch-inference:2.6.0", true],
  ["727897471807.dkr.ecr.cn-north-1.amazonaws.com.cn/pytorch-inference:2.6.0", true],
  ["123456789012.dkr.ecr.eu-west-1.amazonaws.com/fraud:1", false],
  ["public.ecr.aws/deep-learning-containers/pytorch:2.6.0", false],
  ["763104351884/pytorch-inference", false],
  ["not an image", false],
])("%s is a Deep Learning Container: %s", (image, expected) =>
  expect(isDeepLearningContainer(image)).toBe(expected),
);

test("the list names its source", () => {
  expect(deepLearningContainersSource.source).toContain("sagemaker 2.257.7");
});
