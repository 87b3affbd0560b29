import { type EChartsOption, init } from "echarts";
import type { Comparison, CostCurve, TargetResult } from "../comparison";
import { duration, latency, money, rate } from "./format";
import { escape, Markup } from "./markup";
import { nameOf } from "../names";
import { monthly, splitOf } from "./view";

/** A chart in two sizes: text of a wide one is too small on a phone. CSS shows one of them. */
export interface Drawings {
  readonly wide: Markup;
  readonly narrow: Markup;
}

/** What a chart is called, and what it shows in words, for whoever cannot see it. */
export interface Caption {
  /** Unique on the page; the drawing's own ids begin with it. */
  readonly id: string;
  readonly title: string;
  readonly description: string;
}

interface Frame {
  readonly width: number;
  readonly height: number;
  readonly narrow: boolean;
}

const WIDE = 880;
const NARROW = 336;

/** Lines that differ in colour and in dashes: of the targets of one comparison, by their place. */
export const LINE_STYLES: readonly { readonly colour: string; readonly dash: readonly number[] }[] = [
  { colour: "var(--s1)", dash: [] },
  { colour: "var(--s2)", dash: [9, 3] },
  { colour: "var(--s3)", dash: [3, 3] },
  { colour: "var(--s4)", dash: [11, 3, 2, 3] },
  { colour: "var(--s5)", dash: [6, 6] },
  { colour: "var(--s6)", dash: [2, 5] },
  { colour: "var(--s7)", dash: [14, 4] },
  { colour: "var(--s8)", dash: [6, 3, 2, 3, 2, 3] },
];

/** Cost by target, one bar each: on demand, provisioned and working, provisioned and idle. Null without a known cost. */
export function costChart(results: readonly TargetResult[], caption: Caption): Drawings | null {
  const known = results.filter(({ monthlyCost }) => monthlyCost !== null && monthlyCost.total > 0);
  if (known.length === 0) return null;
  // By the widest of common typefaces: which one the page gets is not known here.
  const room = Math.min(300, Math.max(...known.map((result) => nameOf(result).length)) * 8.4);
  const splits = known.map(({ monthlyCost }) => (monthlyCost === null ? null : splitOf(monthlyCost)));
  return drawings(
    caption,
    (narrow) => known.length * (narrow ? 58 : 46) + 40,
    ({ narrow }) => ({
      grid: narrow
        ? { left: 8, right: 96, top: 6, bottom: 28 }
        : { left: room + 14, right: 130, top: 6, bottom: 28 },
      xAxis: {
        type: "value",
        splitNumber: narrow ? 2 : 5,
        axisLabel: { ...SMALL, formatter: shortMoney },
        splitLine: GRID_LINE,
      },
      yAxis: {
        type: "category",
        inverse: true,
        data: known.map(nameOf),
        axisLine: { lineStyle: { color: "var(--axis)" } },
        axisTick: { show: false },
        axisLabel: narrow
          ? {
              ...TEXT,
              inside: true,
              margin: 0,
              verticalAlign: "bottom",
              padding: [0, 0, 14, 0],
              width: 300,
              overflow: "truncate",
            }
          : { ...TEXT, width: room, overflow: "truncate" },
        z: 10,
      },
      series: [
        ...(
          [
            ["onDemand", "var(--ondemand)"],
            ["working", "var(--working)"],
            ["idle", "var(--idle)"],
          ] as const
        ).map(([part, colour]) => ({
          type: "bar" as const,
          stack: "cost",
          silent: true,
          barWidth: narrow ? 20 : 24,
          ...(narrow ? { barCategoryGap: "0%" } : {}),
          itemStyle: {
            color: colour,
            ...(part === "idle" ? { decal: HATCHED, borderColor: "var(--working)", borderWidth: 1 } : {}),
          },
          data: splits.map((each) => each?.[part] ?? 0),
        })),
        {
          type: "bar" as const,
          stack: "cost",
          silent: true,
          data: known.map(() => 0),
          label: {
            show: true,
            position: "right" as const,
            ...TEXT,
            fontWeight: 600,
            formatter: ({ dataIndex }: { readonly dataIndex: number }) =>
              monthly(known[dataIndex]?.monthlyCost ?? null),
          },
        },
      ],
    }),
  );
}

/** Monthly cost over load, both axes logarithmic, by mean load, with the workload's own and numbered crossovers. Null without a curve. */
export function curveChart(
  curves: readonly CostCurve[],
  { crossovers, workload: { requestsPerSecond } }: Pick<Comparison, "crossovers" | "workload">,
  caption: Caption,
): Drawings | null {
  const lines = curves.map((curve) => ({
    name: nameOf(curve),
    data: curve.points
      .filter((point) => point.requestsPerSecond > 0)
      .map((point) => [point.requestsPerSecond, point.usd !== null && point.usd > 0 ? point.usd : null]),
  }));
  const rates = lines.flatMap(({ data }) => data.map(([requests]) => requests ?? 0));
  const costs = lines.flatMap(({ data }) => data.flatMap(([, usd]) => usd ?? []));
  if (new Set(rates).size < 2 || costs.length === 0) return null;
  const [from, to] = [Math.min(...rates), Math.max(...rates)];
  const { average } = requestsPerSecond;
  return drawings(
    caption,
    (narrow) => (narrow ? 300 : 400),
    ({ narrow }) => ({
      grid: { left: narrow ? 44 : 60, right: narrow ? 12 : 24, top: 26, bottom: 46 },
      xAxis: {
        type: "log",
        name: "requests per second on average",
        nameLocation: "middle",
        nameGap: 28,
        nameTextStyle: SMALL,
        min: from,
        max: to,
        axisLine: { lineStyle: { color: "var(--axis)" } },
        axisLabel: { ...SMALL, formatter: (value: number) => powerOfTen(value, rate), hideOverlap: true },
        splitLine: GRID_LINE,
      },
      yAxis: {
        type: "log",
        min: 10 ** Math.floor(Math.log10(Math.min(...costs))),
        max: 10 ** Math.ceil(Math.log10(Math.max(...costs))),
        axisLabel: { ...SMALL, formatter: shortMoney },
        splitLine: GRID_LINE,
      },
      series: [
        ...lines.map(({ name, data }, index) => ({
          type: "line" as const,
          name,
          silent: true,
          showSymbol: false,
          connectNulls: false,
          data,
          lineStyle: {
            width: 2.5,
            color: LINE_STYLES[index]?.colour ?? "var(--text)",
            type: dashOf(LINE_STYLES[index]?.dash ?? []),
          },
          ...(index > 0
            ? {}
            : {
                markLine: {
                  silent: true,
                  symbol: "none",
                  lineStyle: { color: "var(--muted)", type: [4, 4], width: 1 },
                  label: { ...SMALL, formatter: "{b}" },
                  // The curves are by mean load; the peak rises with it.
                  data: average >= from && average <= to ? [{ name: "this workload", xAxis: average }] : [],
                },
              }),
        })),
        {
          type: "scatter" as const,
          silent: true,
          symbolSize: 20,
          z: 20,
          itemStyle: { opacity: 1, color: "var(--card)", borderColor: "var(--text)", borderWidth: 1.5 },
          label: {
            show: true,
            ...SMALL,
            color: "var(--text)",
            fontWeight: 600,
            formatter: ({ dataIndex }: { readonly dataIndex: number }) => String(dataIndex + 1),
          },
          data: crossovers
            .filter((each) => each.monthlyUsd > 0)
            .map((each) => [each.requestsPerSecond, each.monthlyUsd]),
        },
      ],
    }),
  );
}

/** Load, replicas and latency of one target over a period of the load, one above the other. Null where nothing was simulated. */
export function dayChart(
  { series }: TargetResult,
  slo: Comparison["workload"]["slo"],
  caption: Caption,
): Drawings | null {
  if (series === null || series.arrivals.length < 2) return null;
  const { stepSeconds, arrivals, replicas, p99 } = series;
  const seconds = stepSeconds * arrivals.length;
  const latencies = p99.flatMap((each) => each ?? []);
  const points = (values: readonly (number | null)[]): (number | null)[][] => [
    ...values.map((value, step) => [step * stepSeconds, value]),
    [seconds, values.at(-1) ?? null],
  ];
  const top = roundUp(Math.max(...latencies, slo?.p99Ms ?? 0) * 1.08);
  const panels = [
    {
      name: "requests per second",
      format: rate,
      max: roundUp(Math.max(...arrivals) * 1.08),
      series: {
        data: points(arrivals),
        lineStyle: { width: 1.5, color: "var(--load)" },
        areaStyle: { color: "var(--load)", opacity: 0.18 },
      },
    },
    {
      name: "replicas",
      format: (value: number) => (Number.isInteger(value) ? String(value) : ""),
      max: Math.ceil((Math.max(...replicas) + 1) / 2) * 2,
      series: {
        data: points(replicas),
        step: "end" as const,
        lineStyle: { width: 2, color: "var(--working)" },
        areaStyle: { color: "var(--working)", opacity: 0.14 },
      },
    },
    ...(latencies.length === 0
      ? []
      : [
          {
            name: "p99 latency",
            format: latency,
            max: top,
            series: {
              data: points(p99),
              lineStyle: { width: 2, color: "var(--s2)" },
              ...(slo === null
                ? {}
                : {
                    markLine: {
                      silent: true,
                      symbol: "none",
                      lineStyle: { color: "var(--goal)", type: [6, 3], width: 1.5 },
                      label: {
                        ...SMALL,
                        color: "var(--goal)",
                        position: "insideEndTop" as const,
                        formatter: "goal",
                      },
                      data: [{ yAxis: slo.p99Ms }],
                    },
                  }),
            },
          },
        ]),
  ];
  return drawings(
    caption,
    () => panels.length * 112 + 18,
    ({ narrow }) => ({
      title: panels.map(({ name }, index) => ({
        text: name,
        left: 0,
        top: index * 112,
        padding: 0,
        textStyle: { ...SMALL, color: "var(--text)", fontWeight: 600 },
      })),
      grid: panels.map((_panel, index) => ({
        left: 56,
        right: 14,
        top: index * 112 + 24,
        height: 72,
      })),
      xAxis: panels.map((_panel, index) => ({
        type: "value" as const,
        gridIndex: index,
        min: 0,
        max: seconds,
        interval: seconds / (narrow ? 4 : periodParts(seconds)),
        axisLine: { lineStyle: { color: "var(--axis)" } },
        axisTick: { show: false },
        splitLine: GRID_LINE,
        axisLabel: {
          show: index === panels.length - 1,
          ...SMALL,
          formatter: (value: number) => (value === 0 ? "0" : duration(Math.round(value))),
        },
      })),
      yAxis: panels.map(({ format, max }, index) => ({
        type: "value" as const,
        gridIndex: index,
        min: 0,
        max,
        interval: max / 2,
        axisLabel: { ...SMALL, formatter: format },
        splitLine: GRID_LINE,
      })),
      series: panels.map(({ series: panel }, index) => ({
        type: "line" as const,
        silent: true,
        showSymbol: false,
        xAxisIndex: index,
        yAxisIndex: index,
        ...panel,
      })),
    }),
  );
}

const TEXT = { color: "var(--text)", fontSize: 13 } as const;
const SMALL = { color: "var(--muted)", fontSize: 12 } as const;
const GRID_LINE = { lineStyle: { color: "var(--line)" } } as const;
const HATCHED = {
  symbol: "rect",
  color: "var(--hatch)",
  dashArrayX: [1, 0] as number[],
  dashArrayY: [2, 5] as number[],
  rotation: -Math.PI / 4,
};

function dashOf(dash: readonly number[]): "solid" | number[] {
  return dash.length === 0 ? "solid" : [...dash];
}

function periodParts(seconds: number): number {
  return seconds === 604_800 ? 7 : 8;
}

/** The next number above that half of which is a round one too. */
function roundUp(value: number): number {
  const size = 10 ** Math.floor(Math.log10(Math.max(value, 1e-9)));
  const steps = [1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10];
  return size * (steps.find((step) => step * size >= value * 0.9999) ?? 10);
}

/** `$0`, `$250`, `$1.5k`, `$2M`: where there is no room for more. */
function shortMoney(usd: number): string {
  if (usd >= 1e6) return `$${rate(usd / 1e6)}M`;
  if (usd >= 1e4) return `$${rate(usd / 1e3)}k`;
  return money(usd).replace(".00", "");
}

function powerOfTen(value: number, format: (value: number) => string): string {
  const exponent = Math.log10(value);
  return Math.abs(exponent - Math.round(exponent)) < 1e-6 ? format(value) : "";
}

function drawings(
  caption: Caption,
  height: (narrow: boolean) => number,
  option: (frame: Frame) => EChartsOption,
): Drawings {
  const drawn = (narrow: boolean): Markup => {
    const frame = { width: narrow ? NARROW : WIDE, height: height(narrow), narrow };
    return draw(option(frame), frame, { ...caption, id: `${caption.id}-${narrow ? "narrow" : "wide"}` });
  };
  return { wide: drawn(false), narrow: drawn(true) };
}

/** Drawn without a browser. Colours stay CSS variables, so that one drawing serves light and dark. */
function draw(option: EChartsOption, { width, height, narrow }: Frame, caption: Caption): Markup {
  const chart = init(null, null, { renderer: "svg", ssr: true, width, height });
  try {
    chart.setOption({ animation: false, textStyle: { fontFamily: "inherit" }, ...option });
    return new Markup(accessible(chart.renderToSVGString(), { width, height, narrow }, caption));
  } finally {
    // Its timers would keep the process alive.
    chart.dispose();
  }
}

/**
 * The drawing with a name and a description, with ids of its own, and without styles, which a strict content security
 * policy refuses: they become attributes.
 */
function accessible(
  svg: string,
  { width, height, narrow }: Frame,
  { id, title, description }: Caption,
): string {
  const body = svg
    .slice(svg.indexOf(">") + 1)
    .replace(/<style ?>[\s\S]*?<\/style>/g, "")
    .replace(/<rect [^>]*fill="none"><\/rect>\n/, "")
    .replace(/ style="([^"]*)"/g, (_all, style: string) => attributes(style))
    .replace(/ (?:class|pointer-events|xml:space|ecmeta_\w+)="[^"]*"/g, "")
    .replace(/id="zr\d+-/g, `id="${id}-`)
    .replace(/="url\(#zr\d+-/g, `="url(#${id}-`)
    .replace(/\n+/g, "\n");
  return (
    `<svg class="${narrow ? "narrow" : "wide"}" role="img" viewBox="0 0 ${width} ${height}" ` +
    `aria-labelledby="${id}-title ${id}-desc"><title id="${id}-title">${escape(title)}</title>` +
    `<desc id="${id}-desc">${escape(description)}</desc>${body}`
  );
}

function attributes(style: string): string {
  return style
    .split(";")
    .filter((each) => each.includes(":") && each !== "font-family:inherit")
    .map(
      (each) => ` ${each.slice(0, each.indexOf(":")).trim()}="${each.slice(each.indexOf(":") + 1).trim()}"`,
    )
    .join("");
}
