import { wrap } from "../terminal/wrap";
import { Size } from "../units/size";
import type { Capabilities, Target } from "../../targets/target";

/** A target as `targets --format json` prints it. */
export function describeTargets(registry: readonly Target[]): readonly Readonly<Record<string, unknown>>[] {
  return registry.map(({ kind, title, platform, useCase, strengths, weaknesses, modes }) => ({
    kind,
    title,
    platform,
    useCase,
    strengths,
    weaknesses,
    modes: Object.entries(modes).map(([mode, capabilities]) => ({ mode, ...capabilities })),
  }));
}

/** What a mode can do, line by line, in the words of the manifest. */
function facts(can: Capabilities): readonly (readonly [string, string])[] {
  const policies = Object.entries(can.scaling.policies).map(([type, metrics]) =>
    metrics.length === 0 ? type : `${type} (${metrics.join(", ")})`,
  );
  const { request, response } = can.payload;
  return [
    [
      "one replica",
      `up to ${can.cpu.value} vCPU, ${Size.mebibytes(can.memory.value).toString()}, ${can.gpu.value} GPU`,
    ],
    ["architectures", can.architectures.join(", ")],
    [
      "request",
      `up to ${megabytes(request.value)} in, ${megabytes(response.value)} out, ${can.requestDuration.value} s`,
    ],
    ["scaling", policies.length === 0 ? "none" : policies.join("; ")],
    ["fewest replicas", String(can.scaling.minimum.value)],
    ["rollouts", can.rollouts.join(", ")],
    ["secrets", can.secrets === "injected" ? "injected by value" : "passed as ARN"],
    ...(can.optimizers === undefined ? [] : [["optimised by", can.optimizers.join(", ")] as const]),
    ["artifact", can.artifacts.length === 0 ? "in the image only" : can.artifacts.join(", ")],
  ];
}

function megabytes(bytes: number): string {
  return bytes >= 1e9 ? `${Number((bytes / 1e9).toFixed(1))} GB` : `${Number((bytes / 1e6).toFixed(1))} MB`;
}

/** The targets as text for a terminal of some width, or as a markdown document. */
export function targetsTable(
  registry: readonly Target[],
  format: "text" | "markdown",
  width: number,
): string {
  const sections = registry.map((target) => {
    const modes = Object.entries(target.modes);
    const body = modes.flatMap(([mode, can]) => {
      const heading = modes.length > 1 ? `${mode}: ${can.summary}` : can.summary;
      return format === "markdown"
        ? [
            `**${heading}**`,
            "",
            "| | |",
            "|---|---|",
            ...facts(can).map(([name, text]) => `| ${name} | ${text} |`),
            "",
          ]
        : [
            ...wrap(heading, width, "  "),
            ...facts(can).flatMap(([name, text]) => labelled(name, text, width)),
          ];
    });
    return format === "markdown"
      ? [`## \`${target.kind}\``, "", target.useCase, "", ...body].join("\n")
      : [`${target.kind}: ${target.title}`, ...wrap(target.useCase, width, "  "), ...body, ""].join("\n");
  });
  return sections.join("\n").trimEnd();
}

const LABEL = 16;

function labelled(name: string, text: string, width: number): readonly string[] {
  const indent = " ".repeat(4 + LABEL);
  const [first = "", ...rest] = wrap(text, width, indent);
  return [`    ${name.padEnd(LABEL)}${first.trimStart()}`, ...rest];
}
