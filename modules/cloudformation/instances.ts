import { sageMakerInstance } from "../aws/instances";
import type { Data } from "../manifest/data";
import { Duration } from "../units/duration";
import { Size } from "../units/size";
import { TARGET } from "./context";
import type { Draft } from "./draft";
import type { Reader, Value } from "./reader";

const OPTIONS = ["targets", TARGET] as const;

/** SageMaker waits eight minutes for a container that sets no time: https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html (2026-11). */
const DEFAULT_STARTUP = Duration.seconds(480);

/**
 * Instance type with what it has for one replica, volume, times, routing.
 * @returns the vCPUs of one instance, where it is known.
 */
export function convertInstances(draft: Draft, variant: Reader, mode: string): number | undefined {
  const type = variant.text("InstanceType");
  const path = [...OPTIONS, "instanceType"];
  const instance = type?.kind === "given" ? sageMakerInstance(type.value) : undefined;
  if (type?.kind === "given") {
    draft.need(path, type.value, type.place);
    if (instance === undefined) {
      for (const field of ["cpu", "memory"])
        draft.fill(["resources", field], type.place, `this release does not know ${type.value}`);
    } else {
      draft.set(["resources", "cpu"], instance.vcpu);
      draft.set(["resources", "memory"], Size.gibibytes(instance.memoryGiB).toString());
      if (instance.gpus > 0) draft.set(["resources", "gpu"], instance.gpus);
      if (instance.architecture !== "x86_64") draft.set(["resources", "architecture"], instance.architecture);
      draft.remark(["resources"], `all of one ${instance.type}; say less where a replica needs less`);
    }
  } else {
    const at = type?.place ?? variant.placeOf("InstanceType");
    const reason = type?.reason ?? "the variant has no instance type";
    draft.fill(path, at, reason, type?.fix);
    for (const field of ["cpu", "memory"]) draft.fill(["resources", field], at, reason, type?.fix);
  }
  carry(
    draft,
    variant.number("VolumeSizeInGB"),
    [...OPTIONS, "volumeSize"],
    (size) => `${size}Gi`,
    "SageMaker's own size is taken",
  );
  const timeout = variant.number("ModelDataDownloadTimeoutInSeconds");
  carry(draft, timeout, [...OPTIONS, "downloadTimeout"], seconds, "SageMaker's own time is taken");
  const startup = variant.number("ContainerStartupHealthCheckTimeoutInSeconds");
  carry(draft, startup, ["model", "server", "startup"], seconds, "the manifest's own time is taken");
  if (startup === undefined) {
    draft.set(["model", "server", "startup"], DEFAULT_STARTUP.toString());
    draft.remark(["model", "server", "startup"], "SageMaker's own, as the template states none");
  }
  carry(
    draft,
    variant.text("InferenceAmiVersion"),
    [...OPTIONS, "amiVersion"],
    (version) => version,
    "SageMaker's own AMI is taken",
  );
  if (mode !== "provisioned") return instance?.vcpu;
  const routing = variant.reader("RoutingConfig");
  if (routing?.kind === "given") {
    carry(
      draft,
      routing.value.text("RoutingStrategy"),
      [...OPTIONS, "routing"],
      (strategy) => strategy,
      "modelport's own routing is taken",
    );
    draft.loseAll(routing.value.rest());
  } else if (routing?.kind === "open") draft.loseFrom(routing, "modelport's own routing is taken");
  else {
    draft.set([...OPTIONS, "routing"], "RANDOM");
    draft.remark([...OPTIONS, "routing"], "SageMaker's own, as the template states none");
  }
  return instance?.vcpu;
}

/** A number of seconds as a duration of the manifest. */
export function seconds(value: number): string {
  return value < 0 ? `${value}s` : Duration.seconds(value).toString();
}

/** Carries a value over as it is converted; one that cannot be had is reported. */
export function carry<T>(
  draft: Draft,
  value: Value<T>,
  path: readonly string[],
  convert: (value: T) => Data,
  instead: string,
): void {
  if (value?.kind === "open") draft.loseFrom(value, instead);
  if (value?.kind === "given") draft.put(path, convert(value.value), value.place);
}
