import {
  blocks,
  isObject,
  list,
  parseJson,
  resourcesOf,
  textsIn,
  type Json,
  type StackDocument,
} from "./document";
import type { Problem } from "./problem";
import type { Expected } from "./stacks";

/** Logs are kept for a time, and encrypted with the model's key. */
export function* logGroups(stack: StackDocument): Iterable<Problem> {
  for (const { type, address, config } of resourcesOf(stack)) {
    if (type !== "aws_cloudwatch_log_group") continue;
    const at = `${stack.name} ${address}`;
    if (typeof config.retention_in_days !== "number" || config.retention_in_days < 1) {
      yield { check: "log-groups", at, message: "keeps its logs for ever" };
    }
    if (typeof config.kms_key_id !== "string" || config.kms_key_id === "") {
      yield { check: "log-groups", at, message: "is not encrypted with a key" };
    }
  }
}

/** An alarm that tells nobody and starts nothing is no alarm. */
export function* alarmActions(stack: StackDocument): Iterable<Problem> {
  for (const { type, address, config } of resourcesOf(stack)) {
    if (type !== "aws_cloudwatch_metric_alarm" && type !== "aws_cloudwatch_composite_alarm") continue;
    if (list(config.alarm_actions).length > 0) continue;
    yield { check: "alarm-actions", at: `${stack.name} ${address}`, message: "has no action" };
  }
}

const ANYWHERE = new Set<Json>(["0.0.0.0/0", "::/0"]);

/** Nothing lets the internet in, unless the manifest says `network.public`. */
export function* closedIngress(stack: StackDocument, { plan }: Expected): Iterable<Problem> {
  if (plan.network.public) return;
  for (const { type, address, config } of resourcesOf(stack)) {
    const sources =
      type === "aws_vpc_security_group_ingress_rule"
        ? [config.cidr_ipv4, config.cidr_ipv6]
        : type === "aws_security_group_rule" && config.type === "ingress"
          ? [config.cidr_blocks, config.ipv6_cidr_blocks]
          : type === "aws_security_group" || type === "aws_default_security_group"
            ? blocks(config.ingress).flatMap((rule) => [rule.cidr_blocks, rule.ipv6_cidr_blocks])
            : [];
    if (!sources.some((source) => list(source).some((cidr) => ANYWHERE.has(cidr)))) continue;
    yield {
      check: "closed-ingress",
      at: `${stack.name} ${address}`,
      message: "is open to the whole internet",
    };
  }
}

const DIGEST = /@sha256:[a-f0-9]{64}$/;

/** Keys under which containers name their image. */
const IMAGE_KEYS = new Set(["image", "image_uri", "Image"]);

/**
 * Every image is pinned by its digest, or by the variable `image_digest`; but for the model's own where the manifest
 * names it by a tag, which `validate` has warned of.
 */
export function* pinnedImages(stack: StackDocument, { plan }: Expected): Iterable<Problem> {
  const { image } = plan.model;
  const given = image.kind === "reference" ? image.uri : null;
  for (const { type, address, config } of resourcesOf(stack)) {
    // An image that is built on the spot is named by what it is built from.
    if (type === "docker_image" && blocks(config.build).length > 0) continue;
    const images =
      type === "docker_image" ? [config.name].filter((name) => typeof name === "string") : imagesIn(config);
    for (const uri of images) {
      // An image resource of the same stack, which is asked itself.
      if (/^\$\{docker_image\.[\w-]+\.\w+\}$/.test(uri)) continue;
      if (uri === given && image.kind === "reference" && image.reference.digest === undefined) continue;
      if (DIGEST.test(uri) || uri.endsWith("@${var.image_digest}")) continue;
      yield {
        check: "pinned-images",
        at: `${stack.name} ${address}`,
        message: `the image ${uri} is not pinned by a digest`,
      };
    }
  }
}

/** The images below a value, those in texts of JSON (task definitions) included. */
function* imagesIn(value: Json): Iterable<string> {
  for (const { key, text } of textsIn(value)) {
    if (IMAGE_KEYS.has(key)) yield text;
    else if (/^\s*[[{]/.test(text)) {
      const inner = parseJson(text);
      if (inner !== undefined && (isObject(inner) || Array.isArray(inner))) yield* imagesIn(inner);
    } else {
      for (const [, uri] of text.matchAll(/\\?"[iI]mage\\?"\s*[=:]\s*\\?"((?:[^"\\]|\\.)*?)\\?"/g))
        yield uri ?? "";
    }
  }
}
