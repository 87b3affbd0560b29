import { blocks, isObject, list, objectAt, parseJson } from "../modules/conformance/document";
import { definePolicy, type Policy } from "../modules/policy/policy";
import { CONTAINER_TYPES, containersOf } from "./containers";
import { each, isOn, textsOf } from "./support";

const READ = "2026-11-23";

/** `repository@sha256:...`, or a digest that Terraform is given: `repository@${var.image_digest}`. */
const PINNED = /@(?:sha256:[a-f0-9]{64}|\$\{var\.image_digest\})$/;

/** An image that the same stack builds or pulls: named by what it is made of. */
const OWN = /^\$\{docker_image\.[\w-]+\.\w+\}$/;

/** What runs is what was tested. */
export const images: readonly Policy[] = [
  definePolicy({
    code: "POLICY_IMAGE_PINNED",
    title: "images are pinned by their digest",
    reason: "a tag can be moved, and then a restart runs something that nobody deployed",
    source: "https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html",
    asOf: READ,
    severity: "error",
    controls: ["CKV_K8S_14", "CKV_K8S_43"],
    resourceTypes: [...CONTAINER_TYPES, "aws_lambda_function", "aws_sagemaker_model"],
    *checkStack(stack, { plan }) {
      const { image } = plan.model;
      // Of the model's own image, named by a tag in the manifest, `validate` warns as IMAGE_NOT_PINNED.
      const given = image.kind === "reference" && image.reference.digest === undefined ? image.uri : null;
      const refused = (uri: unknown): string | false =>
        typeof uri === "string" &&
        uri !== given &&
        !PINNED.test(uri) &&
        !OWN.test(uri) &&
        `runs the image ${uri}, which is not pinned by a digest`;
      for (const { address, image: uri } of containersOf(stack)) {
        const message = refused(uri);
        if (message !== false) yield { address, message };
      }
      yield* each(
        stack.resources("aws_lambda_function"),
        ({ package_type: type, image_uri: uri }) => type === "Image" && refused(uri),
      );
      yield* each(stack.resources("aws_sagemaker_model"), ({ primary_container: primary, container }) => {
        const uris = [...blocks(primary), ...blocks(container)].map((block) => block.image);
        return uris.map(refused).find((message) => message !== false) ?? false;
      });
    },
  }),
  definePolicy({
    code: "POLICY_REGISTRY_IMAGES",
    title: "registries scan what is pushed, never let a tag move, and expire nothing that may run",
    reason: "an image that is gone or changed cannot be rolled back to",
    source: "https://docs.aws.amazon.com/securityhub/latest/userguide/ecr-controls.html",
    asOf: READ,
    severity: "error",
    controls: ["CKV_AWS_51", "CKV_AWS_163", "ECR.1", "ECR.2", "ECR.3"],
    resourceTypes: ["aws_ecr_repository", "aws_ecr_lifecycle_policy"],
    *checkStack(stack) {
      yield* each(stack.resources("aws_ecr_repository"), (config, repository) => {
        if (config.image_tag_mutability !== "IMMUTABLE") return "lets tags move";
        if (!blocks(config.image_scanning_configuration).some((block) => isOn(block.scan_on_push)))
          return "does not scan what is pushed";
        return (
          stack.of("aws_ecr_lifecycle_policy", "repository", repository).length === 0 && "has no lifecycle"
        );
      });
      yield* each(stack.resources("aws_ecr_lifecycle_policy"), ({ policy }) => {
        const document = typeof policy === "string" ? parseJson(policy) : undefined;
        const rules = isObject(document) ? list(document.rules) : [];
        const tagged = rules.some((rule) => objectAt(rule, "selection").tagStatus !== "untagged");
        return tagged && "expires tagged images, one of which may be what runs";
      });
    },
  }),
  definePolicy({
    code: "POLICY_TASK_PLATFORM",
    title: "Fargate runs tasks on its latest platform version",
    reason: "older ones no longer get security updates",
    source: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/platform-fargate.html",
    asOf: READ,
    severity: "error",
    controls: ["CKV_AWS_332", "ECS.10"],
    resourceTypes: ["aws_ecs_service"],
    *checkStack(stack) {
      yield* each(
        stack.resources("aws_ecs_service"),
        ({ platform_version: version }) =>
          version !== undefined &&
          !textsOf(version).includes("LATEST") &&
          "is held on an old platform version",
      );
    },
  }),
  definePolicy({
    code: "POLICY_CLUSTER_VERSION",
    title: "EKS clusters name their Kubernetes version",
    reason:
      "without one, AWS chooses, and two clusters of one manifest differ; `validate` knows which are supported",
    source: "https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html",
    asOf: READ,
    severity: "error",
    controls: ["CKV_AWS_339", "EKS.2"],
    resourceTypes: ["aws_eks_cluster"],
    *checkStack(stack) {
      yield* each(
        stack.resources("aws_eks_cluster"),
        ({ version }) => !(typeof version === "string" && /^1\.\d\d$/.test(version)) && "names no version",
      );
    },
  }),
];
