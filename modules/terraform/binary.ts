import { NotStartedError, run } from "../process/run";

/** The oldest version that everything synthesized works with. */
export const OLDEST_TERRAFORM = "1.5.0";

/** The oldest version that locks state in S3 by itself (`use_lockfile`). https://developer.hashicorp.com/terraform/language/backend/s3, 2026-11 */
export const OLDEST_FOR_S3_LOCK = "1.10.0";

/** A Terraform, or an OpenTofu, that is installed. */
export interface TerraformBinary {
  /** What starts it. */
  readonly command: string;
  readonly product: "Terraform" | "OpenTofu";
  /** For instance `1.11.4`. */
  readonly version: string;
}

/** The variable by which cdktf's own command line takes another binary. */
export const BINARY_VARIABLE = "TERRAFORM_BINARY_NAME";

/** The commands that are tried, in this order: what the variable names and nothing else, or both usual names. */
export function terraformCommands(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const named = env[BINARY_VARIABLE] ?? "";
  return named === "" ? ["terraform", "tofu"] : [named];
}

/** The installed Terraform or OpenTofu; null where none of {@link terraformCommands} starts. */
export async function findTerraform(
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<TerraformBinary | null> {
  for (const command of terraformCommands(env)) {
    const found = await identify(command, env);
    if (found !== null) return found;
  }
  return null;
}

async function identify(
  command: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<TerraformBinary | null> {
  try {
    const { exitCode, stdout } = await run(command, ["version"], {
      env: { ...env, CHECKPOINT_DISABLE: "1" },
      timeoutMs: 10_000,
    });
    const [, product, version] = /^(Terraform|OpenTofu) v(\S+)/.exec(stdout) ?? [];
    if (exitCode !== 0 || version === undefined) return null;
    return { command, product: product === "OpenTofu" ? "OpenTofu" : "Terraform", version };
  } catch (error) {
    if (error instanceof NotStartedError) return null;
    throw error;
  }
}
