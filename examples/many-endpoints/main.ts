import { readFileSync } from "node:fs";
import { join } from "node:path";
import { App } from "cdktf";
import { formatIssue, ManifestError, type ManifestInput, ModelDeployment, SharedFoundation } from "modelport";
import { parse } from "yaml";

// One endpoint for each market, all from one template; what differs is what the loop says. Fifty of them:
const MARKETS = (
  "at au be bg br ca ch cl cn co cy cz de dk ee eg es fi fr gb gr hk hr hu ie " +
  "il in is it jp kr lt lu lv mt mx my nl no nz pe ph pl pt ro se sg si sk za"
).split(" ");

/** Markets whose load one small instance does not carry. */
const LARGE = new Set(["br", "cn", "de", "fr", "gb", "in", "jp"]);

const template = parse(readFileSync(join(__dirname, "modelport.yaml"), "utf8")) as ManifestInput;

const app = new App();
try {
  const models = MARKETS.map(
    (market) =>
      new ModelDeployment(app, market, {
        manifest: {
          ...template,
          name: `demand-${market}`,
          description: `Forecasts demand in ${market.toUpperCase()}`,
          tags: { ...template.tags, market },
          foundation: "forecasting",
          model: { ...template.model, artifact: `s3://acme-forecasting-models/${market}/model.tar.gz` },
          scaling: { ...template.scaling, min: LARGE.has(market) ? 2 : 1 },
        },
      }),
  );
  // The key and the topic that all of them use, once.
  new SharedFoundation(app, "foundation", { models });
  for (const issue of models.flatMap(({ warnings }) => warnings))
    process.stderr.write(`${formatIssue(issue)}\n`);
  app.synth();
} catch (error) {
  if (!(error instanceof ManifestError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
