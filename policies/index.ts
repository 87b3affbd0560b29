import type { Policy } from "../modules/policy/policy";
import { containers } from "./containers";
import { encryption } from "./encryption";
import { iam } from "./iam";
import { images } from "./images";
import { logging } from "./logging";
import { network } from "./network";
import { storage } from "./storage";

/** modelport's own policies. An organisation's come beside them, from `cdktf.json` or `--policy`. */
export const policies: readonly Policy[] = [
  ...encryption,
  ...storage,
  ...network,
  ...iam,
  ...logging,
  ...images,
  ...containers,
];
