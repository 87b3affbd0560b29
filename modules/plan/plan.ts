import type { ImageReference } from "../aws/image-reference";
import type { Region } from "../aws/regions";
import type { NeoFramework } from "../neo/devices";
import type { HostPath } from "./host-path";
import type { Architecture, Manifest, RolloutStrategy, ScalingPolicy } from "../manifest/schema";
import type { Duration } from "../units/duration";
import type { Size } from "../units/size";

/** A region as the stacks use it. */
export type PlannedRegion = Pick<Region, "name" | "partition" | "dnsSuffix" | "availabilityZoneIds">;

/** An existing ECR repository. */
export interface PlannedRepository {
  /** Registry and repository, without tag or digest. */
  readonly uri: string;
  readonly account: string;
  readonly region: string;
  readonly name: string;
}

/** Where the container image comes from. */
export type PlannedImage =
  | {
      readonly kind: "reference";
      /** As the manifest gives it. */
      readonly uri: string;
      readonly reference: ImageReference;
    }
  | {
      readonly kind: "build";
      readonly context: HostPath;
      /** Relative to the context. */
      readonly dockerfile: string;
      readonly args: Readonly<Record<string, string>>;
      /** The existing repository that it is pushed to; null where one is created. */
      readonly repository: PlannedRepository | null;
      /** `sha256:...` once it was built and pushed; null leaves it to the Terraform variable `image_digest`. */
      readonly digest: string | null;
    };

/** Where the trained model comes from. */
export type PlannedArtifact =
  | { readonly kind: "s3"; readonly uri: string; readonly bucket: string; readonly key: string }
  | { readonly kind: "local"; readonly path: HostPath };

/** What SageMaker Neo makes of the artifact. */
export interface PlannedNeo {
  readonly framework: NeoFramework;
  /** `major.minor`; null leaves it to Neo. */
  readonly frameworkVersion: string | null;
  /** Shapes of the inputs by name, in the manifest's order; empty where the framework needs none. */
  readonly inputs: Readonly<Record<string, readonly number[]>>;
  /** Null takes the one of the target's instance type. */
  readonly device: string | null;
  readonly compilerOptions: string | Readonly<Record<string, string | number | boolean>> | null;
  /** Of one compilation. */
  readonly timeout: Duration;
}

/** Replicas and how they move. */
export interface PlannedScaling {
  readonly min: number;
  readonly max: number;
}

/**
 * A manifest of one environment, ready to be deployed somewhere: defaults applied, units parsed, nothing optional
 * (what is absent is null), frozen. Nothing after it reads a file, the clock, the network or an environment variable.
 */
export interface EnvironmentPlan {
  readonly name: string;
  /** `default` where the manifest names none. */
  readonly environment: string;
  readonly description: string | null;
  /** Name of the foundation that it shares with other models; null where it has its own. */
  readonly foundation: string | null;
  readonly region: PlannedRegion | null;
  readonly account: string | null;
  readonly tags: Readonly<Record<string, string>>;
  readonly model: {
    readonly image: PlannedImage;
    readonly artifact: PlannedArtifact | null;
    /** What is made of the artifact before it is served; null serves it as it is. */
    readonly optimize: { readonly neo: PlannedNeo } | null;
    readonly server: {
      readonly port: number;
      readonly health: string;
      readonly invoke: string;
      readonly startup: Duration;
    };
    readonly environment: Readonly<Record<string, string>>;
    readonly secrets: Readonly<Record<string, string>>;
  };
  readonly resources: {
    readonly cpu: number;
    readonly memory: Size;
    readonly gpu: number;
    readonly storage: Size | null;
    readonly architecture: Architecture;
  };
  readonly workload: Manifest["workload"] | null;
  readonly scaling: PlannedScaling & { readonly policies: readonly ScalingPolicy[] | null };
  readonly rollout: {
    readonly strategy: RolloutStrategy | null;
    /** Percent. */
    readonly step: number;
    readonly interval: Duration;
    readonly rollback: boolean;
  };
  readonly network: {
    /** An existing network, or null where one is created for the targets that need it. */
    readonly existing: { readonly vpcId: string; readonly subnetIds: readonly string[] } | null;
    /** Existing security groups for the replicas; empty where one is created. */
    readonly securityGroupIds: readonly string[];
    /** Zones of a created network, by name; null takes the first two of the region. */
    readonly availabilityZones: readonly string[] | null;
    readonly cidr: string;
    readonly internetAccess: boolean;
    readonly public: boolean;
    readonly certificateArn: string | null;
    readonly domain: string | null;
  };
  readonly security: {
    readonly kmsKeyArn: string | null;
    readonly roleArn: string | null;
    readonly permissionsBoundaryArn: string | null;
    /** Whether what holds data or an address refuses to be destroyed. */
    readonly deletionProtection: boolean;
  };
  readonly storage: {
    /** An existing bucket for artifacts, captured data and results; null where one is created. */
    readonly bucket: string | null;
    /** An existing bucket for access logs; null where one is created. */
    readonly accessLogBucket: string | null;
  };
  readonly observability: {
    readonly logRetentionDays: number;
    readonly alarms: boolean;
    readonly dashboard: boolean;
    /** Percent of requests captured; null captures none. */
    readonly dataCapture: number | null;
    readonly notifyTopicArn: string | null;
  };
}

/** A plan for one target: its options parsed, and what depends on the target resolved. */
export interface TargetPlan<Options> extends EnvironmentPlan {
  /** The target's kind. */
  readonly target: string;
  readonly options: Options;
  /** One of the target's modes. */
  readonly mode: string;
  readonly scaling: PlannedScaling & { readonly policies: readonly ScalingPolicy[] };
  readonly rollout: EnvironmentPlan["rollout"] & { readonly strategy: RolloutStrategy };
}

/** A plan for a target on AWS, where the region is never absent. */
export interface AwsTargetPlan<Options> extends TargetPlan<Options> {
  readonly region: PlannedRegion;
}
