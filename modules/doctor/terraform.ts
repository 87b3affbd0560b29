import { gte } from "semver";
import {
  BINARY_VARIABLE,
  findTerraform,
  OLDEST_FOR_S3_LOCK,
  OLDEST_TERRAFORM,
  terraformCommands,
} from "../terraform/binary";
import type { Check, Outcome } from "./check";
import { PROGRAM_DEADLINE_MS, SLOW, within } from "./deadline";

const INSTALL = `install Terraform (https://developer.hashicorp.com/terraform/install) or OpenTofu (https://opentofu.org/docs/intro/install)`;

/** Terraform or OpenTofu, as new as what is synthesized asks for. */
export const terraform: Check = {
  id: "terraform",
  title: "Terraform",
  needs: [],
  neededFor: ["modelport plan", "cdktf diff", "cdktf deploy"],
  run: async ({ env, project }) => {
    const commands = terraformCommands(env);
    const named = commands.length === 1 ? commands[0] : undefined;
    // A wrapper (tfenv, asdf) may be downloading, or asking something.
    const binary = await within(commands.length * (PROGRAM_DEADLINE_MS + 500), findTerraform(env));
    if (binary === SLOW) {
      return {
        status: "failed",
        found: `\`${commands.join(" version`, `")} version\` does not answer`,
        fix: "run it by hand to see what it waits for",
      };
    }
    if (binary === null) return missing(named, project.inUse);
    const { product, version, command } = binary;
    const found = `${product} ${version} (${command})`;
    const details = { product, version, command };
    const { settings } = project;
    const s3 = settings.kind === "found" && settings.state.kind === "s3";
    const required = s3 ? OLDEST_FOR_S3_LOCK : OLDEST_TERRAFORM;
    // A pre-release counts as its release here: 1.10.0-beta1 has what 1.10.0 has.
    if (gte(version.replace(/-.*$/, ""), required)) return { status: "ok", found, details };
    return {
      status: "failed",
      found: s3
        ? `${found}; state in S3 is locked by \`use_lockfile\`, which it does not know before ${required}`
        : `${found}; what is synthesized asks for ${required} or later`,
      fix: `${INSTALL}, ${required} or later`,
      details,
    };
  },
};

function missing(named: string | undefined, inUse: boolean): Outcome {
  if (named !== undefined) {
    return {
      status: "failed",
      found: `${BINARY_VARIABLE} names ${named}, which is neither Terraform nor OpenTofu that starts`,
      fix: `unset ${BINARY_VARIABLE}, or give it the path of a binary that answers \`version\``,
    };
  }
  return {
    status: inUse ? "failed" : "absent",
    found: "neither terraform nor tofu is found",
    fix: `${INSTALL}, ${OLDEST_TERRAFORM} or later; validate and synth work without`,
  };
}
