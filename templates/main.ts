import { createApp, formatIssue, ManifestError, optionsFromEnvironment } from "modelport";

// The manifest, the targets and the environment: MODELPORT_MANIFEST, MODELPORT_TARGET, MODELPORT_ENV.
try {
  const { app, deployments, leftAlone, policyReport } = createApp(optionsFromEnvironment(process.env));
  for (const { issues } of deployments) {
    for (const issue of issues) process.stderr.write(`${issue.severity}: ${formatIssue(issue)}\n`);
  }
  for (const stack of leftAlone)
    process.stderr.write(
      `${stack} is left as it is: other models share it, so it takes their folder to make it\n`,
    );
  // Stacks of your own go here, beside those of modelport.
  app.synth();
  const { issues, suppressed } = policyReport();
  for (const issue of issues) process.stderr.write(`${issue.severity}: ${formatIssue(issue)}\n`);
  if (suppressed.length > 0) process.stderr.write(`policy violations suppressed: ${suppressed.length}\n`);
} catch (error) {
  if (!(error instanceof ManifestError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
