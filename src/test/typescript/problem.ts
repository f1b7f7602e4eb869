import { ResponseError } from "./client/runtime.js";
import type { Problem } from "./client/models/index.js";

/** The problem that a refused call was answered with; its type is for programs, its hint for people. */
export async function problemOf(error: unknown): Promise<Problem> {
  if (error instanceof ResponseError) {
    const type = error.response.headers.get("Content-Type") ?? "";
    if (type.startsWith("application/problem+json")) {
      return (await error.response.json()) as Problem;
    }
  }
  throw error;
}
