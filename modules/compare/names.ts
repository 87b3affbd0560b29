/** A target as the document names it in crossovers and sentences: `sagemaker-realtime serverless`. */
export function nameOf({ target, mode }: { readonly target: string; readonly mode?: string }): string {
  return mode === undefined ? target : `${target} ${mode}`;
}
