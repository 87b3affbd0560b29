import { readdirSync } from "node:fs";
import { PROJECT_FILE } from "../app/project";
import { show } from "../issues/issue";
import type { AccountProblem } from "./account";
import type { Check, Outcome } from "./check";

const FOR = ["modelport plan", "cdktf diff", "cdktf deploy"] as const;

/** Where Terraform's state is kept. */
export const state: Check = {
  id: "state",
  title: "State",
  needs: ["project"],
  neededFor: FOR,
  run: (context): Outcome => {
    const { settings, needs } = context.project;
    if (settings.kind !== "found" || settings.state.kind === "local") {
      const files = localStates(context.cwd);
      const found = `in files beside the project${files === 0 ? "" : ` (${files} here)`}`;
      // Containers on this machine may have their state on this machine.
      if (needs.aws === "no") return { status: "ok", found, details: { backend: "local" } };
      return {
        status: "warning",
        found: `${found}: on this machine only, without a lock`,
        fix:
          `put it into S3: \`"context": { "modelport": { "state": { "s3": { "bucket": "...", "region": "..." } } } }\` ` +
          `in ${PROJECT_FILE}` +
          (files === 0
            ? ", before the first deploy"
            : ", then `terraform init -migrate-state` in each stack's folder"),
        details: { backend: "local" },
      };
    }
    if (settings.state.kind === "invalid") {
      return {
        status: "failed",
        found: `${PROJECT_FILE} lacks ${settings.state.path}`,
        fix: "state in S3 takes `bucket` and `region`, both text",
      };
    }
    const { bucket, region } = settings.state;
    return {
      status: "ok",
      found: `in S3, bucket ${show(bucket)} in ${show(region)}`,
      details: { backend: "s3", bucket, region },
    };
  },
};

function localStates(cwd: string): number {
  return readdirSync(cwd).filter((name) => /^terraform\..+\.tfstate$/.test(name)).length;
}

/** The bucket of the state: whether it is there, where it is said to be, and keeps old versions. */
export const stateBucket: Check = {
  id: "state-bucket",
  title: "State bucket",
  needs: ["state", "credentials"],
  neededFor: FOR,
  run: async ({ project: { settings }, account }) => {
    if (settings.kind !== "found" || settings.state.kind !== "s3")
      return { status: "not-needed", found: "the state is local" };
    const { bucket, region } = settings.state;
    const answer = await account.bucket(bucket, region);
    if (answer.problem !== undefined) return refused(answer, bucket, region);
    const { region: real, versioning } = answer.value;
    if (real !== null && real !== region) {
      return {
        status: "failed",
        found: `it lies in ${show(real)}, ${PROJECT_FILE} says ${show(region)}`,
        fix: `correct \`region\` in ${PROJECT_FILE}`,
      };
    }
    if (versioning === "off") {
      return {
        status: "warning",
        found: "reachable; versioning is off, so that a damaged state cannot be restored",
        fix: `\`aws s3api put-bucket-versioning --bucket ${bucket} --versioning-configuration Status=Enabled\``,
      };
    }
    return {
      status: "ok",
      found:
        versioning === "on" ? "reachable, versioning is on" : "reachable (s3:GetBucketVersioning is denied)",
    };
  },
};

function refused(
  { problem, code }: { readonly problem: AccountProblem; readonly code: string },
  bucket: string,
  region: string,
): Outcome {
  if (problem === "missing") {
    const place = region === "us-east-1" ? "" : ` --create-bucket-configuration LocationConstraint=${region}`;
    return {
      status: "failed",
      found: `there is no bucket ${show(bucket)}`,
      fix: `correct \`bucket\` in ${PROJECT_FILE}, or \`aws s3api create-bucket --bucket ${bucket} --region ${region}${place}\``,
    };
  }
  if (problem === "denied") {
    return {
      status: "failed",
      found: `access to ${show(bucket)} is denied: another's bucket, or no right to it`,
      fix: "allow s3:ListBucket on it, and s3:GetObject, s3:PutObject and s3:DeleteObject on its objects",
    };
  }
  return {
    status: "failed",
    found: `it cannot be asked (${problem === "slow" ? "no answer in time" : code})`,
    fix: `\`aws s3api head-bucket --bucket ${bucket}\` shows why`,
  };
}
