import { createApp, optionsFromEnvironment } from "./modules/app/app";
import { formatIssue, ManifestError } from "./modules/issues/issue";

try {
  const { app, deployments } = createApp(optionsFromEnvironment(process.env));
  for (const { issues } of deployments) {
    for (const issue of issues) process.stderr.write(`${issue.severity}: ${formatIssue(issue)}\n`);
  }
  app.synth();
} catch (error) {
  if (!(error instanceof ManifestError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
