import data from "./data/deep-learning-containers.json";
import { parseImageReference } from "./image-reference";
import { regionInfo } from "./regions";

/** Where the registry accounts come from. */
export const deepLearningContainersSource = { source: data.source, asOf: data.asOf } as const;

const accounts: ReadonlyMap<string, string> = new Map(
  data.rows.map(([region, account]) => {
    if (region === undefined || account === undefined)
      throw new Error("deep-learning-containers.json: a row needs region and account");
    return [region, account];
  }),
);

const owners: ReadonlySet<string> = new Set(accounts.values());

/**
 * The account that holds the AWS Deep Learning Containers of a region; `undefined` where AWS publishes none.
 * @see `image_uri_config/pytorch.json` of the Python package sagemaker 2.257.7 (read 2026-11-23)
 */
export function deepLearningContainersAccount(region: string): string | undefined {
  return accounts.get(region);
}

/**
 * The registry host of the AWS Deep Learning Containers of a region, e.g.
 * `763104351884.dkr.ecr.eu-west-1.amazonaws.com`; `undefined` where AWS publishes none.
 */
export function deepLearningContainersRegistry(region: string): string | undefined {
  const account = accounts.get(region);
  const info = regionInfo(region);
  return account === undefined || info === undefined
    ? undefined
    : `${account}.dkr.ecr.${region}.${info.dnsSuffix}`;
}

/**
 * Whether an image is an AWS Deep Learning Container: such a registry is another account's, so that a role needs pull
 * rights on it by name, and a scan or a lifecycle rule of ours does not reach it.
 */
export function isDeepLearningContainer(image: string): boolean {
  const parsed = parseImageReference(image);
  return parsed.ok && parsed.image.ecr !== undefined && owners.has(parsed.image.ecr.account);
}
