import type { ServiceRoleOptions } from "../../modules/iam/role";

/** Name of the volume and of the token in it. */
const TOKEN = "eks-pod-identity-token";
const TOKEN_FOLDER = "/var/run/secrets/pods.eks.amazonaws.com/serviceaccount";
const TOKEN_SECONDS = 86_400;

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

/**
 * What EKS adds to a pod when it is created, if it knows the association by then. An association takes several seconds
 * until it does, and a pod that came earlier would stay without credentials however often it starts. So the pod states
 * it itself, under the same names, which EKS then leaves as they are; the first question is answered once the
 * association is in effect.
 * @see https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html (read 2026-11-23)
 * @see https://github.com/hashicorp/terraform-provider-aws/issues/40852 (read 2026-11-23)
 */
export const CREDENTIALS = {
  variables: (region: string): Readonly<Record<string, string>> => ({
    AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: `${TOKEN_FOLDER}/${TOKEN}`,
    // The agent's address in an IPv4 cluster.
    AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://169.254.170.23/v1/credentials",
    AWS_DEFAULT_REGION: region,
    AWS_REGION: region,
    AWS_STS_REGIONAL_ENDPOINTS: "regional",
  }),
  mount: { name: TOKEN, mountPath: TOKEN_FOLDER, readOnly: true },
  volume: {
    name: TOKEN,
    projected: [
      {
        sources: [
          {
            serviceAccountToken: {
              audience: "pods.eks.amazonaws.com",
              expirationSeconds: TOKEN_SECONDS,
              path: TOKEN,
            },
          },
        ],
      },
    ],
  },
};
