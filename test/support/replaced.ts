/**
 * What may be replaced, and in which order. A task definition is a revision of its family, and what a service runs is
 * decided by the service; a role goes with the replicas that run under it; a local container is replaced by the next one,
 * as it holds the port.
 */
export const REPLACED: Readonly<Record<string, readonly string[]>> = {
  aws_sagemaker_model: ["create", "delete"],
  aws_sagemaker_endpoint_configuration: ["create", "delete"],
  aws_s3_object: ["create", "delete"],
  aws_ecs_task_definition: ["create", "delete"],
  aws_iam_role: ["create", "delete"],
  aws_iam_role_policy: ["create", "delete"],
  docker_container: ["delete", "create"],
  docker_image: ["create", "delete"],
};
