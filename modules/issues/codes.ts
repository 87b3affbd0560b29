import type { CodeDescription } from "./issue";

const error = (summary: string): CodeDescription => ({ summary, severity: "error" });
const warning = (summary: string): CodeDescription => ({ summary, severity: "warning" });

/**
 * Codes that any manifest can run into. A target's own codes stand in its folder. Codes are stable: scripts match them.
 * Each has a manifest in `test/rejects/` that provokes it.
 */
export const CODES = {
  FILE_UNREADABLE: error("The manifest does not exist, is no file, no UTF-8 text, or cannot be read."),
  FILE_TOO_LARGE: error("The manifest's file is larger than a manifest may be."),
  YAML_SYNTAX: error("The file is no well-formed YAML 1.2 or JSON, is empty, or holds several documents."),
  YAML_DUPLICATE_KEY: error("A key stands twice in one map."),
  YAML_ALIAS: error(
    "Anchors and aliases are not accepted: they hide what a value is, and can blow a file up.",
  ),
  YAML_TAG: error("Custom tags and types beyond YAML's core schema are not accepted."),
  YAML_TOO_DEEP: error("Maps and lists are nested too deeply."),
  YAML_TOO_LARGE: error("The manifest has too many values."),
  FORBIDDEN_KEY: error("A key has a meaning in JavaScript (`__proto__`)."),
  TOKEN_LIKE: error("Text looks like a cdktf token, which would become a Terraform expression."),
  CONTROL_CHARACTER: error(
    "Text has a control character or an unpaired surrogate, or starts with a byte order mark.",
  ),
  NUMBER_RANGE: error("A number is beyond ±(2^53 - 1), or is not finite."),
  UNKNOWN_FIELD: error("A field that the manifest does not have."),
  REQUIRED: error("A required field is absent."),
  TYPE: error("A value of another type than the field takes."),
  UNIT: error("A size or duration without a unit, or with one that is not known."),
  FORMAT: error("Text that is not spelled as the field demands."),
  RANGE: error("A value outside the field's range."),
  CHOICE: error("A value that is not among those that the field offers."),
  EXCLUSIVE: error("Exactly one of several fields must be given."),
  ORDER: error("Two values stand in the wrong order, e.g. a minimum above its maximum."),
  CONFLICT: error("Two fields contradict each other."),
  TOGETHER: error("Fields that only make sense together are not all given."),
  LOG_RETENTION: error("A retention period that CloudWatch Logs does not offer."),
  REGION_UNKNOWN: error("A region that this release does not know."),
  ARN_MISMATCH: error(
    "An ARN, or a repository's address, is of another partition, region or account than the manifest.",
  ),
  IMAGE_LATEST: error(
    "An image without a tag, or tagged `latest`: what runs would change without a deployment.",
  ),
  IMAGE_NOT_PINNED: warning("An image is named by a tag, not by its digest: a tag can be moved."),
  PATH_MISSING: error("A file or folder that the manifest names does not exist."),
  PATH_OUTSIDE: error("A path, or a link on its way or below it, leads out of the manifest's folder."),
  UNKNOWN_ENVIRONMENT: error("The environment asked for is not declared."),
  ENVIRONMENT_FIELD: error("An environment changes a field that must be the same in all."),
  UNKNOWN_TARGET: error("A target that does not exist."),
  NO_TARGET: error("No target is chosen."),
  NO_TARGET_FITS: error("None of the targets asked for can carry the manifest."),
  TARGET_UNDECLARED: warning(
    "A target is chosen that the manifest does not declare, and it adds to the foundation stack: " +
      "a later run without it would remove that again.",
  ),
  TARGET_INFEASIBLE: warning("A target is declared but not chosen, and could not carry the manifest."),
  TARGET_DECLARED: warning(
    "A target is declared but not chosen, and the foundation stack creates, and AWS bills, what it would need. " +
      "It does so because a foundation that followed the choice would take a network or cluster away from what runs.",
  ),
  EXISTING_UNUSED: warning("An existing repository or bucket is named that no declared target uses."),
  GPU_UNSUPPORTED: error("The target has no GPUs, or not as many on one replica."),
  ARCHITECTURE_UNSUPPORTED: error("The target does not run images of this architecture."),
  CPU_LIMIT: error("More vCPUs than one replica can have on the target."),
  MEMORY_LIMIT: error("More memory than one replica can have on the target."),
  STORAGE_LIMIT: error("More scratch storage than one replica can have on the target."),
  PAYLOAD_LIMIT: error("Requests or responses are larger than the target passes on."),
  PAYLOAD_UNSURE: warning("Requests are larger than what some of the target's clients accept."),
  DURATION_LIMIT: error("Requests take longer than the target waits."),
  SCALING_POLICY_UNSUPPORTED: error("The target has no scaling of this kind."),
  SCALING_METRIC_UNSUPPORTED: error("The target cannot scale on this metric."),
  SCALING_MINIMUM: error("The target cannot scale this low."),
  ROLLOUT_UNSUPPORTED: error("The target has no rollout of this kind."),
  SECRET_BY_REFERENCE: warning(
    "The target cannot inject secrets: the container gets the ARN and must read it.",
  ),
  IMAGE_REGISTRY: error("The target cannot pull from this registry."),
  ARTIFACT_UNSUPPORTED: error("The target cannot bring an artifact to the container."),
  SERVER_CONTRACT: error("The target's port and paths are fixed, and the manifest asks for others."),
  PROJECT_FILE: error("`cdktf.json` is no JSON object, or what it says of modelport is incomplete."),
  PLUGIN_UNREADABLE: error("A plug-in is not installed, does not exist, or fails when it is loaded."),
  PLUGIN_INVALID: error("A plug-in exports no target, or one that is not as this modelport takes it."),
  PLUGIN_DUPLICATE: error("A plug-in's target has the kind, or an error code, that another has already."),
  PLUGIN_FAILED: error("The code of a plug-in failed while it checked a manifest or made its constructs."),
  ENVIRONMENTS_DIFFER: warning(
    "Two environments differ in types of resources or in policies, not only in size, account or region.",
  ),
  UNKNOWN_POLICY: error("A suppression names a policy that does not exist."),
  SUPPRESSION_UNUSED: warning(
    "A suppression that nothing needs, though every declared target was synthesized.",
  ),
  POLICY_INVALID: error(
    "What `context.modelport.policies` or `--policy` names exports no policy, or one whose code is taken.",
  ),
  POLICY_FAILED: error("The code of an organisation's policy failed while it looked at a plan or a stack."),
  BASE_UNREADABLE: error(
    "What a plan is to be compared with is neither a file nor a revision of the repository.",
  ),
  OUTPUT_UNWRITABLE: error("The folder for the output cannot be made or written."),
  DUPLICATE_STACK: error("Two manifests of one app lead to stacks of the same name."),
  FOUNDATION_MISMATCH: error(
    "Two manifests share a foundation, and say different things of what it is made from.",
  ),
  FOREIGN_EXPRESSION: error(
    "The synthesized Terraform has an expression that no construct made, or one that the manifest spells out too.",
  ),
  OPTIMIZER_UNSUPPORTED: error("The target cannot have its model optimised this way before it serves it."),
  PUBLIC_UNSUPPORTED: warning("`network.public` is set, for which the target opens nothing."),
  DATA_CAPTURE_UNSUPPORTED: error("The target cannot capture requests."),
} as const satisfies Record<string, CodeDescription>;

export type Code = keyof typeof CODES;
