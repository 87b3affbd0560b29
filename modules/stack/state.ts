import { DataTerraformRemoteStateLocal, DataTerraformRemoteStateS3, LocalBackend, S3Backend } from "cdktf";
import type { TerraformRemoteState, TerraformStack } from "cdktf";

/** Where Terraform keeps the state of the stacks, and how one stack reads another's. */
export interface StateBackend {
  /** Adds the backend to a stack. */
  configure(stack: TerraformStack, stackName: string): void;
  /** Adds a data source that reads the outputs of another stack. */
  read(scope: TerraformStack, id: string, stackName: string): TerraformRemoteState;
}

/**
 * State in files beside the project, as cdktf does by default, but named by a relative path, so that the output is the
 * same on every machine. Terraform runs in `<out>/stacks/<stack>`; three levels up is where `<out>` lies.
 */
export function localState(): StateBackend {
  const path = (stackName: string) => `../../../terraform.${stackName}.tfstate`;
  return {
    configure: (stack, stackName) => new LocalBackend(stack, { path: path(stackName) }),
    read: (scope, id, stackName) => new DataTerraformRemoteStateLocal(scope, id, { path: path(stackName) }),
  };
}

/** Settings of state in S3: `cdktf.json` → `context.modelport.state.s3`. */
export interface S3StateOptions {
  readonly bucket: string;
  readonly region: string;
  /** Prefix of the keys, without a slash at its end. Default `modelport`. */
  readonly prefix?: string;
  /** KMS key of the state objects; the bucket's own default where absent. */
  readonly kmsKeyId?: string;
}

/**
 * State in S3, encrypted and locked by S3 itself (`use_lockfile`, Terraform 1.10 and later).
 * @see https://developer.hashicorp.com/terraform/language/backend/s3 (read 2026-11)
 */
export function s3State(options: S3StateOptions): StateBackend {
  const { bucket, region, prefix = "modelport", kmsKeyId } = options;
  const config = (stackName: string) => ({
    bucket,
    region,
    key: `${prefix}/${stackName}.tfstate`,
    encrypt: true,
    ...(kmsKeyId === undefined ? {} : { kmsKeyId }),
  });
  return {
    configure: (stack, stackName) => {
      new S3Backend(stack, config(stackName));
      // cdktf 0.21 does not know this setting yet.
      stack.addOverride("terraform.backend.s3.use_lockfile", true);
    },
    read: (scope, id, stackName) => new DataTerraformRemoteStateS3(scope, id, config(stackName)),
  };
}
