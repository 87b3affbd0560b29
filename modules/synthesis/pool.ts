import type { ChildProcess } from "node:child_process";
import { forkModule } from "../process/fork";
import type { Answer, Job } from "./worker";

/** A child process that ended without an answer. */
export class WorkerEndedError extends Error {}

/**
 * Does jobs in child processes, each process one job after the other. Results come in the order of the jobs.
 * @throws Error with the stack trace of a job that failed, when all others are done.
 */
export async function inProcesses(jobs: readonly Job[], processes: number): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    const child = forkModule(__dirname, "worker", []);
    try {
      for (let index = next++; index < jobs.length; index = next++) {
        const job = jobs[index];
        if (job !== undefined) answers[index] = await ask(child, job);
      }
    } finally {
      child.kill();
    }
  };
  const ended = await Promise.allSettled(
    Array.from({ length: Math.min(processes, jobs.length) }, () => work()),
  );
  for (const each of ended) if (each.status === "rejected") throw each.reason;
  return answers;
}

function ask(child: ChildProcess, job: Job): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      child.off("message", onMessage);
      child.off("exit", onExit);
      child.off("error", reject);
    };
    const onMessage = (answer: Answer): void => {
      settle();
      resolve(answer);
    };
    const onExit = (code: number | null, signal: string | null): void => {
      settle();
      reject(new WorkerEndedError(`a process that synthesizes ended with ${code ?? signal ?? "nothing"}`));
    };
    child.once("message", onMessage);
    child.once("exit", onExit);
    child.once("error", reject);
    child.send(job, (error) => {
      if (error !== null) {
        settle();
        reject(error);
      }
    });
  });
}
