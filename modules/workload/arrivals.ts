import type { Arrivals } from "./workload";

const DAY = 86_400;

/** Monday, 5 January 2026, 00:00 UTC: where a load starts whose manifest names no time. */
export const REFERENCE_MONDAY = Date.UTC(2026, 0, 5);

/** Steps of a day between average and peak: five minutes, or finer where the peak is so short. */
const DAY_STEPS = [288, 1440, 8640, DAY];
/** Hour of the day of the peak, UTC. */
const PEAK_HOUR = 14;

/** The same load at all times. */
export function constantArrivals(rate: number): Arrivals {
  return {
    origin: "constant",
    rates: [rate],
    stepSeconds: DAY,
    start: REFERENCE_MONDAY,
    average: rate,
    peak: rate,
    assumption: null,
  };
}

/**
 * A day between an average and a peak, both of which it keeps exactly. Up to twice the average it is a cosine around it;
 * beyond, a power of a cosine between nothing and the peak, which is narrower the higher the peak. A peak of more than 86,400
 * times the average would be shorter than a second, and is lowered to what one second holds.
 * @param average requests per second, 0 or more.
 * @param peak requests per second, at least the average.
 */
export function dayBetween(average: number, peak: number): Arrivals {
  if (peak <= average || average <= 0) return constantArrivals(average);
  const steps = DAY_STEPS.find((count) => average * count >= peak * 2) ?? DAY;
  const top = Math.round((steps * PEAK_HOUR) / 24);
  const angle = (step: number) => (2 * Math.PI * (step - top)) / steps;
  const rates = Array.from({ length: steps }, (_, step) => Math.cos(angle(step)));
  const shape = peak <= 2 * average ? waved(rates, average, peak) : powered(rates, average, peak);
  return {
    origin: "average-and-peak",
    rates: shape,
    stepSeconds: DAY / steps,
    start: REFERENCE_MONDAY,
    average,
    peak: shape[top] ?? peak,
    assumption:
      `every day rises and falls smoothly, with its peak at ${PEAK_HOUR}:00 UTC` +
      (peak <= 2 * average ? " (a cosine)" : " (a power of a cosine, as narrow as average and peak make it)"),
  };
}

function waved(cosines: readonly number[], average: number, peak: number): readonly number[] {
  return cosines.map((cosine) => average + (peak - average) * cosine);
}

function powered(cosines: readonly number[], average: number, peak: number): readonly number[] {
  const mean = (power: number): number =>
    cosines.reduce((sum, cosine) => sum + ((1 + cosine) / 2) ** power, 0) / cosines.length;
  let [low, high] = [0, 1];
  while (mean(high) * peak > average && high < 1e18) high *= 2;
  for (let round = 0; round < 100; round += 1) {
    const middle = (low + high) / 2;
    if (mean(middle) * peak > average) low = middle;
    else high = middle;
  }
  const rates = cosines.map((cosine) => peak * ((1 + cosine) / 2) ** high);
  const scale = average / (rates.reduce((sum, rate) => sum + rate, 0) / rates.length);
  return Math.abs(scale - 1) < 1e-6 ? rates : rates.map((rate) => rate * scale);
}

/** Requests per second by hour of a day (24) or of a week from Monday on (168), in UTC. */
export function hourlyArrivals(hours: readonly number[]): Arrivals {
  return {
    origin: "hourly",
    rates: [...hours],
    stepSeconds: 3600,
    start: REFERENCE_MONDAY,
    average: hours.reduce((sum, rate) => sum + rate, 0) / hours.length,
    peak: Math.max(...hours),
    assumption: "the hours are UTC, and the load is the same all through each of them",
  };
}
