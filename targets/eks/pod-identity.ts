import type { ServiceRoleOptions } from "../../modules/iam/role";

/** A service account of a cluster. */
export interface ServiceAccountIdentity {
  readonly accountId: string;
  readonly cluster: string;
  readonly namespace: string;
  readonly serviceAccount: string;
}

/**
 * Trust of a role that pods of one service account run under. EKS states them by session tags.
 * @see https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html (read 2026-11-23)
 */
export function podTrust(
  account: ServiceAccountIdentity,
): Pick<ServiceRoleOptions, "services" | "trustActions" | "trustConditions"> {
  return {
    services: ["pods.eks.amazonaws.com"],
    trustActions: ["sts:TagSession"],
    trustConditions: {
      StringEquals: {
        "aws:SourceAccount": [account.accountId],
        "aws:RequestTag/eks-cluster-name": [account.cluster],
        "aws:RequestTag/kubernetes-namespace": [account.namespace],
        "aws:RequestTag/kubernetes-service-account": [account.serviceAccount],
      },
    },
  };
}
