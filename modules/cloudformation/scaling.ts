import { isDeepStrictEqual } from "node:util";
import { cronProblem } from "../aws/schedule-expression";
import { formatPath, type ManifestPath } from "../issues/issue";
import { type Data, isDataObject } from "../manifest/data";
import type { ScalingMetric } from "../manifest/schema";
import { Duration } from "../units/duration";
import { attributesOf, type Context, refersTo, resourcesOf, symbolOf, symbolsOf } from "./context";
import type { Draft } from "./draft";
import { type Item, open, Reader, readerOf, type Value } from "./reader";
import type { Place } from "./report";
import type { Resource } from "./template";

/** The variant that is carried over, as its scaling refers to it. */
export interface ScaledVariant {
  readonly endpointName: string;
  readonly variantName: string;
  readonly mode: string;
  /** vCPUs of one instance; undefined where the instance is not known, or there is none. */
  readonly vcpu: number | undefined;
}

interface Metric {
  readonly metric: ScalingMetric;
  readonly namespace: string;
  readonly name: string;
  readonly statistic: string;
  readonly dimensions: readonly string[];
  /** What the metric's own unit is divided by to be in the manifest's. */
  readonly factor: number;
}

/** Cooldown of a policy that states none: botocore 1.44.5, StepScalingPolicyConfiguration, and the guide on target tracking (2026-11). */
const DEFAULT_COOLDOWN = 300;

/** How the alarms of `modules/scaling` look at a metric. */
const ALARMS = {
  out: { periods: 2, comparison: "GreaterThanOrEqualToThreshold" },
  in: { periods: 15, comparison: "LessThanThreshold" },
} as const;
const ALARM_PERIOD = 60;
const MISSING_DATA = "notBreaching";

const ENDPOINT = ["EndpointName"];
const VARIANT = ["EndpointName", "VariantName"];

/** Metrics that the manifest names, as SageMaker publishes them; the counterpart of `measure` in the target's scaling. */
function metricsOf({ mode, vcpu }: ScaledVariant): readonly Metric[] {
  const instances = "/aws/sagemaker/Endpoints";
  const endpoint = "AWS/SageMaker";
  const average = { statistic: "Average", dimensions: VARIANT };
  return [
    // It adds up over the vCPUs: 100 for each.
    ...(vcpu === undefined
      ? []
      : [{ metric: "cpu", namespace: instances, name: "CPUUtilization", ...average, factor: vcpu } as const]),
    { metric: "memory", namespace: instances, name: "MemoryUtilization", ...average, factor: 1 },
    {
      metric: "invocations-per-instance",
      namespace: endpoint,
      name: "InvocationsPerInstance",
      statistic: "Sum",
      dimensions: VARIANT,
      factor: 1,
    },
    mode === "async"
      ? {
          metric: "concurrency",
          namespace: endpoint,
          name: "ApproximateBacklogSizePerInstance",
          statistic: "Average",
          dimensions: ENDPOINT,
          factor: 1,
        }
      : {
          metric: "concurrency",
          namespace: endpoint,
          name: "ConcurrentRequestsPerModel",
          statistic: "Maximum",
          dimensions: VARIANT,
          factor: 1,
        },
  ];
}

const PREDEFINED: Readonly<
  Record<string, { readonly metric: ScalingMetric; readonly factor: number } | undefined>
> = {
  SageMakerVariantInvocationsPerInstance: { metric: "invocations-per-instance", factor: 1 },
  SageMakerVariantConcurrentRequestsPerModelHighResolution: { metric: "concurrency", factor: 1 },
  // SageMaker counts from 0 to 1, the manifest in percent.
  SageMakerVariantProvisionedConcurrencyUtilization: {
    metric: "provisioned-concurrency-utilization",
    factor: 0.01,
  },
};

/** A policy of the manifest, with the places that it is made of. */
interface Policy {
  readonly type: "target-tracking" | "step" | "scheduled";
  readonly metric?: ScalingMetric;
  /** All of it but its type and metric. */
  readonly fields: Readonly<Record<string, Data>>;
  readonly places: readonly (readonly [place: Place, field: string])[];
}

/**
 * Carries over the main variant's scalable target with its schedules and policies.
 * @param others the variants that are carried over beside it.
 * @returns the fewest replicas, for whoever starts with another number; undefined where nothing scales.
 */
export function convertScaling(
  context: Context,
  draft: Draft,
  variant: ScaledVariant,
  others: ReadonlySet<string> = new Set(),
): { readonly min: number | undefined } | undefined {
  for (const { resource, variantName } of targetsOf(context, variant.endpointName))
    if (variantName !== variant.variantName && !others.has(variantName))
      leave(context, draft, resource, "scales a variant that is not carried over");
  const target = targetOf(context, draft, variant);
  if (target === undefined) return undefined;
  const { policies, min } = collect(context, draft, target, variant);
  policies.finish();
  return { min };
}

/** What a scalable target says, put into a draft but for its policies. */
function collect(
  context: Context,
  draft: Draft,
  target: Resource,
  variant: ScaledVariant,
): { readonly policies: Policies; readonly min: number | undefined } {
  context.used.add(target.id);
  draft.loseAll(attributesOf(context, target));
  const reader = Reader.of(target, context.evaluator);
  for (const name of ["ResourceId", "ScalableDimension", "ServiceNamespace"]) {
    const item = reader.node(name);
    if (item !== undefined) draft.cover(item.place, "scaling");
  }
  const min = bound(draft, reader, "MinCapacity", "min");
  bound(draft, reader, "MaxCapacity", "max");

  const policies = new Policies(context, draft, variant);
  const actions = reader.list("ScheduledActions");
  if (actions?.kind === "open") draft.loseFrom(actions, "nothing is scheduled");
  if (actions?.kind === "given") for (const item of actions.value) policies.schedule(item);
  draft.loseAll(
    reader.rest({
      RoleARN: { reason: "Application Auto Scaling takes its service-linked role", effect: "none" },
      SuspendedState: { reason: "the manifest suspends no scaling", effect: "differs" },
    }),
  );
  for (const policy of resourcesOf(context, "AWS::ApplicationAutoScaling::ScalingPolicy"))
    if (policies.belongs(policy, target)) policies.add(policy);
  return { policies, min };
}

/** A variant beside the main one, whose range of instances the manifest takes, while all share their policies. */
export interface FurtherVariant extends ScaledVariant {
  /** Where the manifest has it. */
  readonly path: ManifestPath;
}

/**
 * Carries over a further variant's scalable target: nothing where it scales as the main one does, else its range. Its
 * policies are the main one's; where that one has a fixed number and none, they become the manifest's.
 * @param main whether the main variant has a scalable target.
 * @returns the fewest replicas; undefined where nothing scales.
 */
export function convertFurtherScaling(
  context: Context,
  draft: Draft,
  variant: FurtherVariant,
  main: boolean,
): { readonly min: number | undefined } | undefined {
  const target = targetOf(context, draft, variant);
  if (target === undefined) return undefined;
  const found = draft.beside();
  const { policies, min } = collect(context, found, target, variant);
  const own = policies.all;
  if (!main && !draft.has(["scaling", "policies"])) adopt(draft, own);
  const shared = draft.at(["scaling", "policies"]);
  const theirs: readonly Data[] = Array.isArray(shared) ? (shared as readonly Data[]) : [];
  const has = (list: readonly Data[], policy: Data) =>
    list.findIndex((other) => isDeepStrictEqual(policy, other));
  const range = { min: found.at(["scaling", "min"]), max: found.at(["scaling", "max"]) };
  const inherits =
    main &&
    range.min !== null &&
    range.max !== null &&
    range.min === draft.at(["scaling", "min"]) &&
    range.max === draft.at(["scaling", "max"]) &&
    own.length === theirs.length &&
    own.every(({ policy }) => has(theirs, policy) >= 0);
  const moves = theirs.some((policy) => !isScheduled(policy));
  // Where the manifest has what was found; undefined for what it has nowhere.
  const scaling = formatPath([...variant.path, "scaling"]);
  const placeOf = (to: string): string | undefined => {
    const index = /^scaling\.policies\[(\d+)\]/.exec(to)?.[1];
    if (index === undefined) {
      if (to === "scaling.max" && !moves && range.max !== range.min) return undefined;
      return inherits || to === "scaling.policies" ? to : to.replace(/^scaling/, scaling);
    }
    const policy = own[Number(index)]?.policy ?? null;
    const place = inherits || !isScheduled(policy) ? has(theirs, policy) : -1;
    return place < 0 ? undefined : to.replace(/\[\d+\]/, `[${place}]`);
  };
  const left = new Set<string>();
  for (const entry of found.carried) {
    const to = placeOf(entry.to);
    const { resource, path, line, column } = entry;
    if (to !== undefined) draft.coverAll([{ ...entry, to }]);
    else if (entry.to === "scaling.max")
      draft.lose(
        { resource, path, position: { line, column } },
        "no policy of the manifest moves the variant",
      );
    else if (resource !== target.id && !left.has(resource)) {
      left.add(resource);
      const { position } = context.template.resources.get(resource) ?? target;
      draft.lose(
        { resource, path: "", position },
        "all variants scale by one list of policies, without this",
      );
    }
  }
  for (const { policy, place } of own)
    if (!inherits && isScheduled(policy)) draft.lose(place, "schedules leave a variant's own range alone");
  draft.loseAll(found.notCarried.filter(({ effect }) => effect !== "fill"));
  if (inherits) return { min };
  for (const [field, value] of Object.entries(range)) {
    const path = [...variant.path, "scaling", field];
    const gap = found.notCarried.find(({ to }) => to === `scaling.${field}`);
    if (gap !== undefined) {
      const { resource, path: at, line, column, reason, fix } = gap;
      draft.fill(path, { resource, path: at, position: { line, column } }, reason, fix);
    } else if (value !== undefined && (field === "min" || moves || range.min === range.max))
      draft.set(path, value);
  }
  const added = theirs.filter(
    (policy) => !isScheduled(policy) && !own.some((other) => isDeepStrictEqual(policy, other.policy)),
  );
  if (added.length > 0 && range.min !== range.max)
    draft.lose(
      Reader.of(target, context.evaluator).placeOf("ResourceId"),
      `scales by all target-tracking and step policies of the manifest, ${added.length} of them not the variant's here`,
    );
  return { min };
}

/** Leaves a variant's scaling behind. */
export function leaveScaling(
  context: Context,
  draft: Draft,
  variant: Pick<ScaledVariant, "endpointName" | "variantName">,
  reason: string,
): void {
  for (const target of targetsOf(context, variant.endpointName))
    if (target.variantName === variant.variantName) leave(context, draft, target.resource, reason);
}

/** The manifest has policies, and the main variant a fixed number: they are those of the first one that moves. */
function adopt(draft: Draft, own: readonly FoundPolicy[]): void {
  const moving = own.map(({ policy }) => policy).filter((policy) => !isScheduled(policy));
  if (moving.length === 0) return;
  draft.set(["scaling", "policies"], moving);
  draft.remark(["scaling", "policies"], "of a further variant; the main one's number is fixed");
}

function isScheduled(policy: Data): boolean {
  return isDataObject(policy) && policy.type === "scheduled";
}

interface FoundPolicy {
  readonly policy: Data;
  /** All of it in the template. */
  readonly place: Place;
}

/** The scalable targets of an endpoint's variants. */
function targetsOf(
  context: Context,
  endpointName: string,
): readonly { readonly resource: Resource; readonly variantName: string }[] {
  return resourcesOf(context, "AWS::ApplicationAutoScaling::ScalableTarget").flatMap((resource) => {
    const symbol = symbolOf(context, Reader.of(resource, context.evaluator), "ResourceId");
    const variantName = variantIn(symbol, endpointName);
    return variantName === undefined ? [] : [{ resource, variantName }];
  });
}

/** The variant's scalable target; a second one is left behind. */
function targetOf(context: Context, draft: Draft, variant: ScaledVariant): Resource | undefined {
  const [target, ...further] = targetsOf(context, variant.endpointName).flatMap(
    ({ resource, variantName }) => (variantName === variant.variantName ? [resource] : []),
  );
  for (const other of further)
    leave(context, draft, other, "the variant has a scalable target before this one");
  return target;
}

/** A resource of the endpoint that is left behind as a whole. */
function leave(context: Context, draft: Draft, { id, position }: Resource, reason: string): void {
  context.used.add(id);
  draft.lose({ resource: id, path: "", position }, reason);
}

function variantIn(resourceId: string | undefined, endpointName: string): string | undefined {
  const start = `endpoint/${endpointName}/variant/`;
  return resourceId?.startsWith(start) === true ? resourceId.slice(start.length) : undefined;
}

function bound(draft: Draft, reader: Reader, name: string, field: "min" | "max"): number | undefined {
  const value = reader.number(name);
  const path = ["scaling", field];
  if (value?.kind === "given") draft.need(path, value.value, value.place);
  else if (value?.kind === "open") draft.fillFrom(path, value);
  else draft.fill(path, reader.placeOf(name), `${name} is absent`);
  return value?.kind === "given" ? value.value : undefined;
}

class Policies {
  private readonly found: FoundPolicy[] = [];
  private readonly tracked = new Set<string>();
  /** The policy that wakes the endpoint from zero, where the target has one of its own for it. */
  private woken: Place | undefined;
  /** Why no further policy fits, once the manifest has all that it takes. */
  private full: string | undefined;

  constructor(
    private readonly context: Context,
    private readonly draft: Draft,
    private readonly variant: ScaledVariant,
  ) {}

  /** Whether a policy is one of the target's: by a reference, or by naming the same resource. */
  belongs(policy: Resource, target: Resource): boolean {
    const reader = Reader.of(policy, this.context.evaluator);
    if (refersTo(symbolOf(this.context, reader, "ScalingTargetId"), target)) return true;
    const ours = variantIn(symbolOf(this.context, reader, "ResourceId"), this.variant.endpointName);
    return ours === this.variant.variantName;
  }

  private get list(): readonly Data[] {
    return this.found.map(({ policy }) => policy);
  }

  /** What fits, in the template's order. */
  get all(): readonly FoundPolicy[] {
    return this.found;
  }

  /** Writes down what was carried over. */
  finish(): void {
    if (this.list.length > 0) {
      this.draft.set(["scaling", "policies"], this.list);
      return;
    }
    if (this.woken !== undefined)
      this.draft.lose(this.woken, "the target wakes an endpoint only beside another policy");
    // Without the field, the target would scale by a policy of its own.
    this.draft.set(["scaling", "policies"], []);
    this.draft.remark(
      ["scaling", "policies"],
      "nothing moves between min and max: no policy was carried over",
    );
  }

  add(policy: Resource): void {
    const { context, draft } = this;
    context.used.add(policy.id);
    draft.loseAll(attributesOf(context, policy));
    const reader = Reader.of(policy, context.evaluator);
    for (const name of ["ScalingTargetId", "ResourceId", "ScalableDimension", "ServiceNamespace"]) {
      const item = reader.node(name);
      if (item !== undefined) draft.cover(item.place, "scaling");
    }
    const type = reader.text("PolicyType");
    const name = reader.node("PolicyName");
    if (name !== undefined) draft.lose(name.place, "modelport names policies itself", "none");
    if (type?.kind === "given" && type.value === "TargetTrackingScaling") {
      const given = reader.reader("TargetTrackingScalingPolicyConfiguration");
      if (given?.kind === "given") {
        draft.cover(type.place, "scaling.policies");
        this.track(given.value);
      } else draft.lose(reader.place, given?.reason ?? "has no configuration");
    } else if (type?.kind === "given" && type.value === "StepScaling") {
      const given = reader.reader("StepScalingPolicyConfiguration");
      if (given?.kind === "given") {
        draft.cover(type.place, "scaling.policies");
        this.step(policy, given.value);
      } else draft.lose(reader.place, given?.reason ?? "has no configuration");
    } else {
      const reason =
        type?.kind === "open" ? type.reason : "is of a type that SageMaker's variants do not have";
      draft.lose(type?.place ?? reader.place, reason);
      return;
    }
    draft.loseAll(reader.rest());
  }

  schedule({ node, place }: Item): void {
    const { draft, context } = this;
    const given = readerOf(context.evaluator, { node, place });
    if (given?.kind !== "given") {
      draft.lose(place, given?.reason ?? "is empty");
      return;
    }
    const reader = given.value;
    const [expression, timezone] = [reader.text("Schedule"), reader.text("Timezone")];
    const action = reader.reader("ScalableTargetAction");
    const unknown = [expression, timezone, action].find((value) => value?.kind === "open");
    const limits = [reader.node("StartTime"), reader.node("EndTime")].filter((item) => item !== undefined);
    const cron = expression?.kind === "given" ? /^cron\((.*)\)$/.exec(expression.value)?.[1] : undefined;
    if (unknown?.kind === "open") {
      draft.loseFrom(unknown, "the action is left out");
      return;
    }
    if (limits[0] !== undefined) {
      draft.lose(
        limits[0].place,
        "a schedule of the manifest has neither start nor end; the action is left out",
      );
      return;
    }
    if (cron === undefined || action?.kind !== "given") {
      draft.lose(place, "only cron schedules with an action are carried over");
      return;
    }
    const problem = cronProblem(cron);
    if (problem !== undefined) {
      draft.lose(expression?.place ?? place, problem);
      return;
    }
    const bounds = { min: action.value.number("MinCapacity"), max: action.value.number("MaxCapacity") };
    const openBound = Object.values(bounds).find((value) => value?.kind === "open");
    if (openBound?.kind === "open") {
      draft.loseFrom(openBound, "the action is left out");
      return;
    }
    const fields: Record<string, Data> = { cron };
    const places: [Place, string][] = [[expression?.place ?? place, "cron"]];
    if (timezone?.kind === "given") {
      fields.timezone = timezone.value;
      places.push([timezone.place, "timezone"]);
    }
    for (const [field, value] of Object.entries(bounds)) {
      if (value?.kind !== "given") continue;
      fields[field] = value.value;
      places.push([value.place, field]);
    }
    if (fields.min === undefined && fields.max === undefined) {
      draft.lose(place, "changes neither minimum nor maximum");
      return;
    }
    if (!this.push({ type: "scheduled", fields, places }, place)) return;
    const name = reader.node("ScheduledActionName");
    if (name !== undefined) draft.lose(name.place, "modelport names schedules itself", "none");
    draft.loseAll([...reader.rest(), ...action.value.rest()]);
  }

  /** Adds a policy that the manifest takes, and that the target's mode has. */
  private push({ type, metric, fields: rest, places }: Policy, place: Place): boolean {
    const { draft, variant, context } = this;
    const fields: Data = { type, ...(metric === undefined ? {} : { metric }), ...rest };
    const offered = context.target.modes[variant.mode]?.scaling.policies[type];
    if (offered === undefined || (metric !== undefined && !offered.includes(metric))) {
      const what = metric === undefined ? "" : ` on ${metric}`;
      draft.lose(place, `mode ${variant.mode} has no ${type} policy${what}`);
      return false;
    }
    const problem = this.full ?? draft.problem(["scaling", "policies"], [...this.list, fields]);
    if (problem !== undefined) {
      // With the list full, each further policy is as much too many as the first.
      if (draft.problem(["scaling", "policies"], [fields]) === undefined) this.full = problem;
      draft.lose(place, `does not fit as a ${type} policy of the manifest: ${problem}`);
      return false;
    }
    const path = `scaling.policies[${this.list.length}]`;
    this.found.push({ policy: fields, place });
    for (const [at, field] of places) draft.cover(at, `${path}.${field}`);
    return true;
  }

  private track(reader: Reader): void {
    const { draft } = this;
    const before = this.list.length;
    const target = reader.number("TargetValue");
    const measured = this.metricTracked(reader);
    if (measured === undefined) return;
    if (target?.kind !== "given") {
      draft.lose(
        reader.placeOf("TargetValue"),
        `${target?.reason ?? "is absent"}; the policy is left out`,
        "differs",
        target?.fix,
      );
      return;
    }
    if (this.tracked.has(measured.metric)) {
      draft.lose(reader.place, `a second policy on ${measured.metric}, which would fight the first`);
      return;
    }
    const cooldowns = {
      scaleInCooldown: reader.number("ScaleInCooldown"),
      scaleOutCooldown: reader.number("ScaleOutCooldown"),
    };
    const { metric } = measured;
    const fields: Record<string, Data> = {
      target: converted(target.value, measured.factor),
    };
    const places: [Place, string][] = [
      [target.place, "target"],
      [measured.place, "metric"],
    ];
    for (const [field, value] of Object.entries(cooldowns))
      fields[field] = this.cooldown(value, places, field);
    if (!this.push({ type: "target-tracking", metric, fields, places }, reader.place)) return;
    this.tracked.add(measured.metric);
    const keepsUp = reader.flag("DisableScaleIn");
    if (keepsUp !== undefined) {
      const off = keepsUp.kind === "given" && !keepsUp.value;
      const reason = off ? "is how policies of the manifest are" : "a policy of the manifest scales in too";
      draft.lose(keepsUp.place, reason, off ? "none" : "differs");
    }
    if (before < this.list.length) draft.loseAll(reader.rest());
  }

  /** The metric that a target-tracking policy keeps. What is not one of the manifest's is reported here. */
  private metricTracked(
    reader: Reader,
  ): { readonly metric: ScalingMetric; readonly factor: number; readonly place: Place } | undefined {
    const { draft } = this;
    const predefined = reader.reader("PredefinedMetricSpecification");
    if (predefined?.kind === "given") {
      const type = predefined.value.text("PredefinedMetricType");
      const known = type?.kind === "given" ? PREDEFINED[type.value] : undefined;
      if (known !== undefined && type !== undefined) {
        draft.loseAll(
          predefined.value.rest({ ResourceLabel: { reason: "means nothing for SageMaker", effect: "none" } }),
        );
        return { ...known, place: type.place };
      }
      draft.lose(
        type?.place ?? predefined.place,
        `${type?.kind === "open" ? type.reason : "is no metric of the manifest"}; the policy is left out`,
      );
      return undefined;
    }
    const custom = reader.reader("CustomizedMetricSpecification");
    if (custom?.kind !== "given") {
      draft.lose(
        custom?.place ?? reader.place,
        `${custom?.reason ?? "names no metric"}; the policy is left out`,
      );
      return undefined;
    }
    const found = this.measured(custom.value);
    if (typeof found === "string") {
      draft.lose(custom.place, `${found}; the policy is left out`);
      return undefined;
    }
    draft.loseAll(custom.value.rest({ Unit: { reason: "is the metric's only unit", effect: "none" } }));
    return { ...found, place: custom.place };
  }

  /** One of the manifest's metrics, or why it is none. */
  private measured(reader: Reader): Metric | string {
    const names = [reader.text("Namespace"), reader.text("MetricName"), reader.text("Statistic")];
    const dimensions = this.dimensions(reader);
    const [namespace, name, statistic] = names.map((value) =>
      value?.kind === "given" ? value.value : undefined,
    );
    const metric = metricsOf(this.variant).find(
      (known) => known.namespace === namespace && known.name === name,
    );
    if (metric === undefined && name === "CPUUtilization")
      return "CPUUtilization adds up over vCPUs, whose number is not known without the instance type";
    if (metric === undefined) return `${name ?? "its metric"} is no metric of the manifest`;
    if (statistic !== metric.statistic)
      return `takes ${statistic ?? "no statistic"} of ${metric.name}, the manifest ${metric.statistic}`;
    const { endpointName, variantName } = this.variant;
    const wanted = new Map([
      ["EndpointName", endpointName],
      ["VariantName", variantName],
    ]);
    const same =
      dimensions?.size === metric.dimensions.length &&
      metric.dimensions.every((dimension) => dimensions.get(dimension) === wanted.get(dimension));
    return same
      ? metric
      : `watches ${metric.name} of other dimensions than ${metric.dimensions.join(" and ")} of this endpoint`;
  }

  private dimensions(reader: Reader): ReadonlyMap<string, string> | undefined {
    const list = reader.list("Dimensions");
    if (list?.kind !== "given") return undefined;
    const found = new Map<string, string>();
    for (const item of list.value) {
      const given = readerOf(this.context.evaluator, item);
      if (given?.kind !== "given") return undefined;
      const name = given.value.text("Name");
      const value = symbolOf(this.context, given.value, "Value");
      if (name?.kind !== "given" || value === undefined) return undefined;
      found.set(name.value, value);
    }
    return found;
  }

  private cooldown(value: Value<number>, places: [Place, string][], field: string): string {
    if (value?.kind === "open")
      this.draft.loseFrom(value, `the default of ${DEFAULT_COOLDOWN} seconds is taken`);
    if (value?.kind !== "given") return Duration.seconds(DEFAULT_COOLDOWN).toString();
    if (value.value >= 1 && value.value <= 86_400) {
      places.push([value.place, field]);
      return Duration.seconds(Math.round(value.value)).toString();
    }
    const nearest = value.value < 1 ? 1 : 86_400;
    this.draft.lose(
      value.place,
      `${value.value} is written as ${nearest}s, the nearest that the manifest takes`,
    );
    return `${nearest}s`;
  }

  private step(policy: Resource, reader: Reader): void {
    const { draft, context } = this;
    const alarms = symbolsOf(policy.id).flatMap((symbol) => context.alarms.get(symbol) ?? []);
    const [alarm, second] = alarms;
    if (alarm === undefined || second !== undefined) {
      const reason =
        alarm === undefined ? "no alarm of the template triggers it" : `${alarms.length} alarms trigger it`;
      draft.lose(
        { resource: policy.id, path: "", position: policy.position },
        `${reason}; the policy is left out`,
      );
      return;
    }
    context.used.add(alarm.id);
    const watch = Reader.of(alarm, context.evaluator);
    if (this.wakes(watch)) {
      this.wake(policy, alarm, reader, watch);
      return;
    }
    if (this.watched(policy, alarm, reader, watch)) draft.loseAll(attributesOf(context, alarm));
    else draft.lose({ resource: alarm.id, path: "", position: alarm.position }, "its policy is left out");
  }

  /** A step policy with the alarm that triggers it. @returns whether the manifest takes it. */
  private watched(policy: Resource, alarm: Resource, reader: Reader, watch: Reader): boolean {
    const { draft } = this;
    const out = (place: Place, reason: string, fix?: string): false => {
      draft.lose(place, `${reason}; the policy is left out`, "differs", fix);
      return false;
    };
    const metric = this.measured(watch);
    if (typeof metric === "string") {
      return out({ resource: alarm.id, path: "", position: alarm.position }, metric);
    }
    const threshold = watch.number("Threshold");
    const comparison = watch.text("ComparisonOperator");
    const period = watch.number("Period");
    if (threshold?.kind !== "given") {
      return out(watch.placeOf("Threshold"), threshold?.reason ?? "is absent", threshold?.fix);
    }
    if (comparison?.kind !== "given") {
      return out(watch.placeOf("ComparisonOperator"), comparison?.reason ?? "is absent");
    }
    const direction = comparison.value.startsWith("Greater") ? "out" : "in";
    if (metric.statistic === "Sum" && (period?.kind !== "given" || period.value !== ALARM_PERIOD)) {
      return out(watch.placeOf("Period"), "the manifest counts per minute, the alarm over another time");
    }
    const adjustment = reader.text("AdjustmentType");
    if (adjustment?.kind !== "given" || adjustment.value !== "ChangeInCapacity") {
      return out(
        reader.placeOf("AdjustmentType"),
        "a step of the manifest adds or removes a number of replicas, and nothing else",
      );
    }
    const steps = this.steps(reader, direction, threshold.value, metric.factor);
    if ("reason" in steps) {
      return out(steps.place, steps.reason, steps.fix);
    }
    const places: [Place, string][] = [
      [threshold.place, "threshold"],
      [adjustment.place, "steps"],
      [reader.placeOf("StepAdjustments"), "steps"],
      ...["Namespace", "MetricName", "Dimensions", "Statistic"].map((name): [Place, string] => [
        watch.placeOf(name),
        "metric",
      ]),
    ];
    const fields: Record<string, Data> = {
      threshold: converted(threshold.value, metric.factor),
      steps: steps.list,
      cooldown: this.cooldown(reader.number("Cooldown"), places, "cooldown"),
    };
    if (!this.push({ type: "step", metric: metric.metric, fields, places }, reader.place)) return false;
    this.compare(watch, direction);
    const aggregation = reader.text("MetricAggregationType");
    if (aggregation !== undefined) {
      const same = aggregation.kind === "given" && aggregation.value === "Average";
      draft.lose(
        aggregation.place,
        same ? "is how steps are" : "modelport aggregates by Average",
        same ? "none" : "differs",
      );
    }
    draft.loseAll(reader.rest());
    this.actions(watch, policy);
    return true;
  }

  /** What of an alarm is not as modelport's own alarm for the step will be. */
  private compare(watch: Reader, direction: "in" | "out"): void {
    const { periods, comparison } = ALARMS[direction];
    const expected: Readonly<Record<string, string>> = {
      ComparisonOperator: comparison,
      Period: String(ALARM_PERIOD),
      EvaluationPeriods: String(periods),
      DatapointsToAlarm: String(periods),
      TreatMissingData: MISSING_DATA,
    };
    for (const [name, own] of Object.entries(expected)) {
      const value = watch.text(name);
      if (value === undefined) continue;
      const same = value.kind === "given" && value.value === own;
      this.draft.lose(value.place, `the alarm for the step has ${own}`, same ? "none" : "differs");
    }
  }

  /** An alarm's actions beside the policy's, and the rest of it. */
  private actions(watch: Reader, policy: Resource): void {
    const actions = watch.list("AlarmActions");
    if (actions?.kind === "given") {
      for (const { node, place } of actions.value) {
        const symbol = this.context.symbols.text(node);
        if (symbol.kind === "text" && refersTo(symbol.text, policy))
          this.draft.cover(place, "scaling.policies");
        else this.draft.lose(place, "the alarm for a step only scales");
      }
    }
    this.draft.loseAll(
      watch.rest({
        AlarmName: { reason: "modelport names alarms itself", effect: "none" },
        AlarmDescription: { reason: "modelport describes alarms itself", effect: "none" },
        Unit: { reason: "is the metric's only unit", effect: "none" },
      }),
    );
  }

  private wakes(watch: Reader): boolean {
    const name = watch.text("MetricName");
    return (
      this.variant.mode === "async" && name?.kind === "given" && name.value === "HasBacklogWithoutCapacity"
    );
  }

  /** The step from zero to one, which the target adds by itself in mode async where `scaling.min` is 0. */
  private wake(policy: Resource, alarm: Resource, reader: Reader, watch: Reader): void {
    const { draft, context } = this;
    if (draft.at(["scaling", "min"]) !== 0) {
      draft.loseAll(attributesOf(context, alarm));
      for (const { id, position } of [policy, alarm])
        draft.lose(
          { resource: id, path: "", position },
          "the target wakes an endpoint only where scaling.min is 0",
        );
      return;
    }
    this.woken = { resource: policy.id, path: "", position: policy.position };
    draft.cover(reader.place, "scaling.min");
    const reason =
      "the target wakes from zero by a step of its own: one instance after two minutes of backlog, cooldown 5m";
    draft.cover({ resource: alarm.id, path: "", position: alarm.position }, "scaling.min");
    const steps = reader.list("StepAdjustments");
    const [first] = steps?.kind === "given" ? steps.value : [];
    const given = first === undefined ? undefined : readerOf(context.evaluator, first);
    const adjustment = given?.kind === "given" ? given.value.number("ScalingAdjustment") : undefined;
    const same =
      adjustment?.kind === "given" &&
      adjustment.value === 1 &&
      steps?.kind === "given" &&
      steps.value.length === 1;
    draft.lose(reader.placeOf("StepAdjustments"), reason, same ? "none" : "differs");
    const cooldown = reader.number("Cooldown");
    if (cooldown !== undefined)
      draft.lose(
        cooldown.place,
        reason,
        cooldown.kind === "given" && cooldown.value === 300 ? "none" : "differs",
      );
    const periods = watch.number("EvaluationPeriods");
    if (periods !== undefined)
      draft.lose(periods.place, reason, periods.kind === "given" && periods.value === 2 ? "none" : "differs");
  }

  private steps(
    reader: Reader,
    direction: "in" | "out",
    threshold: number,
    factor: number,
  ): { readonly list: Data[] } | { readonly place: Place; readonly reason: string; readonly fix?: string } {
    const given = reader.list("StepAdjustments");
    if (given?.kind !== "given") return given ?? open(reader.place, "has no steps");
    const list: Data[] = [];
    for (const item of given.value) {
      const entry = readerOf(this.context.evaluator, item);
      if (entry?.kind !== "given") return entry ?? open(item.place, "is empty");
      const [lower, upper, add] = [
        entry.value.number("MetricIntervalLowerBound"),
        entry.value.number("MetricIntervalUpperBound"),
        entry.value.number("ScalingAdjustment"),
      ];
      for (const value of [lower, upper, add]) if (value?.kind === "open") return value;
      if (add?.kind !== "given") return open(item.place, "adds nothing");
      const [low, high] = [lower, upper].map((value) => (value?.kind === "given" ? value.value : undefined));
      // The alarm is silent on the other side of its threshold, and no metric falls below zero.
      const from = direction === "out" ? Math.max(low ?? 0, 0) : (low ?? -threshold);
      const to = direction === "out" ? high : Math.min(high ?? 0, 0);
      if (to !== undefined && to <= from) return open(item.place, "lies where the alarm is silent");
      list.push({
        from: converted(from, factor),
        ...(to === undefined ? {} : { to: converted(to, factor) }),
        add: add.value,
      });
    }
    return { list };
  }
}

/** From a metric's own unit to the manifest's, without what floating point adds. */
function converted(value: number, factor: number): number {
  return Number((value / factor).toPrecision(12));
}
