import { distance } from "fastest-levenshtein";

/** The candidate that someone most likely meant, or `undefined` where none is near. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const steps = distance(word.toLowerCase(), candidate.toLowerCase());
    if (steps < least) [best, least] = [candidate, steps];
  }
  // `sagemaker` for `sagemaker-realtime`, `x86` for `x86_64`.
  return word.length < 3
    ? best
    : (best ?? candidates.find((candidate) => candidate.toLowerCase().startsWith(word.toLowerCase())));
}
