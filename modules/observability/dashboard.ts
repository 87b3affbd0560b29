import { CloudwatchDashboard } from "@cdktf/provider-aws/lib/cloudwatch-dashboard";
import type { EnvironmentPlan } from "../plan/plan";
import type { ModelStack } from "../stack/model-stack";

/** One line of a graph. */
export interface GraphMetric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: string;
  readonly label: string;
  readonly axis?: "left" | "right";
}

/** One graph of the dashboard. */
export interface Graph {
  readonly title: string;
  /** Seconds; default 60. */
  readonly period?: number;
  readonly metrics: readonly GraphMetric[];
  /** A line across the graph, e.g. a limit or a goal. */
  readonly threshold?: { readonly label: string; readonly value: number };
}

/** Columns of a CloudWatch dashboard; two graphs fill a row. */
const WIDTH = 24;
const GRAPH = { width: WIDTH / 2, height: 6 } as const;
const HEADER_HEIGHT = 2;

/** Creates the stack's dashboard: a header and its graphs, two in a row. Nothing where the manifest wants none. */
export function createDashboard(stack: ModelStack, plan: EnvironmentPlan, graphs: readonly Graph[]): void {
  const { region } = plan;
  if (!plan.observability.dashboard || region === null) return;
  const header = {
    type: "text",
    x: 0,
    y: 0,
    width: WIDTH,
    height: HEADER_HEIGHT,
    properties: { markdown: `# ${stack.prefix} on ${stack.component}\n${plain(plan.description ?? "")}` },
  };
  const widgets = graphs.map((graph, index) => ({
    type: "metric",
    x: (index % 2) * GRAPH.width,
    y: HEADER_HEIGHT + Math.floor(index / 2) * GRAPH.height,
    ...GRAPH,
    properties: {
      title: graph.title,
      region: region.name,
      view: "timeSeries",
      period: graph.period ?? 60,
      metrics: graph.metrics.map(({ namespace, name, dimensions, statistic, label, axis }) => [
        namespace,
        name,
        ...Object.entries(dimensions).flat(),
        { stat: statistic, label, ...(axis === "right" ? { yAxis: "right" } : {}) },
      ]),
      ...(graph.threshold === undefined ? {} : { annotations: { horizontal: [graph.threshold] } }),
    },
  }));
  new CloudwatchDashboard(stack, "dashboard", {
    dashboardName: `${stack.prefix}-${stack.component}`,
    dashboardBody: JSON.stringify({ widgets: [header, ...widgets] }),
  });
}

/** A description is text, not markdown: links and images in it stay inert. */
function plain(text: string): string {
  return text.replace(/[\\`*_[\]()<>#!|]/g, "\\$&");
}
