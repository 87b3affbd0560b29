import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import puppeteer, { type Browser } from "puppeteer-core";

/** Names under which systems install the browser. */
const NAMES = ["chromium", "chromium-browser", "google-chrome"];

const found = (process.env.PATH ?? "")
  .split(delimiter)
  .flatMap((folder) => NAMES.map((name) => join(folder, name)))
  .find((file) => existsSync(file));

/** `describe`, or `describe.skip` where there is no chromium to look with. */
export const describeWithBrowser = found === undefined ? describe.skip : describe;

export async function startBrowser(): Promise<Browser> {
  if (found === undefined) throw new Error("there is no chromium");
  // Its own sandbox does not work for root, nor in most containers; the pages are ours.
  return puppeteer.launch({ executablePath: found, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
}
