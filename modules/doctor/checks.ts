import { account, credentials, region } from "./aws";
import type { Check } from "./check";
import { buildx, docker, dockerEngine } from "./docker";
import { manifest, schema } from "./manifest";
import { node } from "./node";
import { npm } from "./npm";
import { priceBook } from "./price-book";
import { lock, packages, project } from "./project";
import { state, stateBucket } from "./state";
import { terraform } from "./terraform";

/** Every check, in the order in which they are shown: the machine, the project, the account. */
export const checks: readonly Check[] = [
  node,
  npm,
  terraform,
  docker,
  dockerEngine,
  buildx,
  project,
  lock,
  packages,
  manifest,
  schema,
  priceBook,
  credentials,
  account,
  region,
  state,
  stateBucket,
];
