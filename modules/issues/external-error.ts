/** Something outside of modelport failed or is absent: Terraform, Docker, AWS, git. Never shown with a stack trace. */
export class ExternalError extends Error {
  constructor(
    message: string,
    /** What to do about it. */
    readonly fix: string,
  ) {
    super(message);
    this.name = "ExternalError";
  }
}
