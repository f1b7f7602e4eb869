import { Configuration } from "./client/runtime.js";
import type { Middleware } from "./client/runtime.js";

/**
 * Sends each changing POST with a key of its own. A call that is repeated with the same key (the
 * connection broke, nobody knows whether it arrived) is done once and answered as the first time.
 */
export function idempotencyKey(key: () => string): Middleware {
  return {
    async pre(call) {
      if (call.init.method === "POST") {
        const headers = { ...(call.init.headers as Record<string, string>) };
        headers["Idempotency-Key"] ??= `"${key()}"`;
        return { url: call.url, init: { ...call.init, headers } };
      }
    },
  };
}

export function session(url: string, token: string): Configuration {
  return new Configuration({
    basePath: url,
    accessToken: token,
    middleware: [idempotencyKey(() => crypto.randomUUID())],
  });
}
