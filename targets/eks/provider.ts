import { Fn } from "cdktf";
import { KubernetesProvider } from "@cdktf/provider-kubernetes/lib/provider";
import type { Shared } from "../../modules/foundation/shared";
import type { ModelStack } from "../../modules/stack/model-stack";
import type { Sealed } from "../../modules/stack/seal";
import type { CreatedCluster, ExistingCluster } from "./cluster";
import { EXPORTS } from "./foundation";
import type { EksPlan } from "./options";

/** Configures the provider without reading anything from AWS: a plan needs neither a token nor a data source for it. */
export function configureKubernetes(
  stack: ModelStack,
  plan: Sealed<EksPlan>,
  cluster: ExistingCluster | CreatedCluster,
  shared: Shared,
): void {
  if (cluster.kind === "created") {
    direct(stack, plan, cluster.name, {
      endpoint: shared.own(EXPORTS.endpoint),
      certificateAuthority: shared.own(EXPORTS.certificateAuthority),
    });
  } else if ("endpoint" in cluster.access) {
    direct(stack, plan, cluster.name, cluster.access);
  } else {
    const { path, context } = cluster.access;
    new KubernetesProvider(stack, "kubernetes", {
      configPath: path,
      ...(context === null ? {} : { configContext: context }),
    });
  }
}

function direct(
  stack: ModelStack,
  plan: Sealed<EksPlan>,
  clusterName: string,
  { endpoint, certificateAuthority }: { readonly endpoint: string; readonly certificateAuthority: string },
): void {
  new KubernetesProvider(stack, "kubernetes", {
    host: endpoint,
    clusterCaCertificate: Fn.base64decode(certificateAuthority),
    // A token lasts 15 minutes; fetched when it is used, it does not expire during a long apply, nor lie in the state.
    exec: [
      {
        apiVersion: "client.authentication.k8s.io/v1beta1",
        command: "aws",
        args: [
          "eks",
          "get-token",
          "--cluster-name",
          clusterName,
          "--region",
          plan.region.name,
          "--output",
          "json",
        ],
      },
    ],
  });
}
