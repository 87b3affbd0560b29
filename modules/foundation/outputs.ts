/** Names of the outputs through which target stacks see the foundation. */
export const OUTPUT = {
  keyArn: "key_arn",
  accountId: "account_id",
  topicArn: "topic_arn",
  registryUrl: "registry_url",
  registryArn: "registry_arn",
  bucketName: "bucket_name",
  bucketArn: "bucket_arn",
  accessLogBucketName: "access_log_bucket_name",
  vpcId: "vpc_id",
  privateSubnetIds: "private_subnet_ids",
  publicSubnetIds: "public_subnet_ids",
} as const;

/** Name of an output that a target put into the foundation. */
export function ownOutput(kind: string, name: string): string {
  return `${kind.replace(/-/g, "_")}_${name}`;
}
