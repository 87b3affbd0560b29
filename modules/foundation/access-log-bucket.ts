import type { EnvironmentPlan } from "../plan/plan";
import type { ModelStack } from "../stack/model-stack";
import { createSecuredBucket, type StorageBucket } from "./bucket";

/**
 * The bucket for access logs of buckets and load balancers. Load balancers can only write with S3's own keys.
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html (read 2026-11-23)
 */
export function createAccessLogBucket(
  stack: ModelStack,
  plan: EnvironmentPlan,
  options: { readonly accountId: string },
): StorageBucket {
  return createSecuredBucket(stack, plan, {
    purpose: "logs",
    keyArn: null,
    accountId: options.accountId,
    logBucket: null,
    expireAfterDays: plan.observability.logRetentionDays,
    statements: (bucketArn) => [
      {
        sid: "LoadBalancerLogs",
        principals: { Service: ["logdelivery.elasticloadbalancing.amazonaws.com"] },
        actions: ["s3:PutObject"],
        resources: [`${bucketArn}/alb/AWSLogs/${options.accountId}/*`],
      },
      {
        sid: "BucketLogs",
        principals: { Service: ["logging.s3.amazonaws.com"] },
        actions: ["s3:PutObject"],
        resources: [`${bucketArn}/s3/*`],
        conditions: { StringEquals: { "aws:SourceAccount": [options.accountId] } },
      },
    ],
  });
}
