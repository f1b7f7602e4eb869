import { JobsApi } from "./client/apis/index.js";
import { JobEventFromJSON } from "./client/models/index.js";
import type { Job, JobEvent } from "./client/models/index.js";

const ENDED = ["SUCCEEDED", "FAILED", "ROLLED_BACK", "CANCELLED"];

/** Polls without hurry: the service answers once the job has ended, or after 30 s. */
export async function ended(jobs: JobsApi, id: string): Promise<Job> {
  for (;;) {
    const job = await jobs.getJob({ job: id, wait: "30s" });
    if (ENDED.includes(job.state)) {
      return job;
    }
  }
}

/**
 * The events of a job as they happen, each once. The stream closes when the job has ended; one that
 * breaks before is taken up again behind the last event that was seen.
 */
export async function* events(url: string, token: string, id: string): AsyncGenerator<JobEvent> {
  let last = "0";
  for (;;) {
    const response = await fetch(`${url}/v1/jobs/${id}/events`, {
      headers: { Authorization: `Bearer ${token}`, "Last-Event-ID": last },
    });
    if (!response.ok || response.body === null) {
      throw new Error(`${response.status}: ${await response.text()}`);
    }
    try {
      for await (const message of messages(response.body)) {
        last = message.id;
        yield JobEventFromJSON(JSON.parse(message.data));
      }
      return;
    } catch (broken) {
      if (!(broken instanceof TypeError)) {
        throw broken;
      }
    }
  }
}

/** What a text/event-stream says: lines "id:" and "data:", an empty line behind each message. */
async function* messages(
  body: ReadableStream<Uint8Array>,
): AsyncGenerator<{ id: string; data: string }> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const bytes of body) {
    text += decoder.decode(bytes, { stream: true });
    const whole = text.split("\n\n");
    text = whole.pop() ?? "";
    for (const message of whole) {
      const field = (name: string) =>
        message
          .split("\n")
          .filter((line) => line.startsWith(`${name}:`))
          .map((line) => line.slice(name.length + 1))
          .join("\n");
      if (field("data") !== "") {
        yield { id: field("id"), data: field("data") };
      }
    }
  }
}
