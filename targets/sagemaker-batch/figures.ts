import type { Figure } from "../../modules/compare/target-comparison";

/** Measurements of batch transform that its capacity rests on, each with its source. */
export const FIGURES = {
  /** Most of it is loading the image, on machines with and without a GPU. AWS publishes none. */
  start: {
    name: "start-up of a job",
    value: 480,
    unit: "s",
    source:
      "https://github.com/fourTheorem/podwhisperer/issues/9: about 8 minutes with a GPU image on ml.m4.xlarge and ml.p3.2xlarge (one project's experience)",
    asOf: "2023-04-18",
    confidence: "low",
  },
} as const satisfies Readonly<Record<string, Figure>>;
