import { regionInfo } from "../aws/regions";
import { ManifestError } from "../issues/issue";
import { readLists, refreshedFolder } from "../prices/refreshed";
import type { Check, DoctorContext } from "./check";

/** Days from which on the newest price is called old. */
export const OLD_AFTER_DAYS = 180;

const DAY_MS = 86_400_000;

/** How old the prices are: those that ship with modelport, or in their place what the project fetched from AWS. */
export const priceBook: Check = {
  id: "price-book",
  title: "Price book",
  needs: [],
  neededFor: ["modelport prices", "what is computed from prices"],
  run: (context) => {
    const { oldest, newest } = context.priceBookAge();
    const { models } = context.project;
    const regions = models.flatMap(({ region }) =>
      region === null || regionInfo(region) === undefined ? [] : [region],
    );
    const refreshed = new Map<string, string>();
    try {
      for (const region of regions) {
        const date = refreshedOn(region, context);
        if (date !== null) refreshed.set(region, date);
      }
    } catch (error) {
      if (!(error instanceof ManifestError)) throw error;
      const [issue] = error.issues;
      return {
        status: "failed",
        found: `${issue?.file ?? ""} ${issue?.message ?? ""}`,
        ...(issue?.fix === undefined ? {} : { fix: issue.fix }),
      };
    }
    // The region whose prices are oldest decides.
    const [basis = newest] = regions.map((region) => refreshed.get(region) ?? newest).sort();
    const days = Math.max(0, Math.floor((context.now.getTime() - Date.parse(basis)) / DAY_MS));
    const own = [...refreshed].map(([region, date]) => `, ${region} fetched by this project as of ${date}`);
    const found = `newest price of ${newest}, oldest of ${oldest}${own.join("")}`;
    const details = { newest, oldest, days };
    if (days < OLD_AFTER_DAYS) return { status: "ok", found, details };
    const stale = regions.find((region) => (refreshed.get(region) ?? newest) === basis) ?? "<region>";
    return {
      status: "warning",
      found: `${found}: ${days} days ago`,
      fix: `\`npx modelport prices --refresh --region ${stale}\`, or a newer modelport`,
      details,
    };
  },
};

/** When AWS published the newest list that the project fetched for a region; null where it fetched none. */
function refreshedOn(region: string, { cwd }: DoctorContext): string | null {
  const dates = readLists(refreshedFolder(cwd), region).map(({ published }) => published);
  return dates.sort().at(-1) ?? null;
}
