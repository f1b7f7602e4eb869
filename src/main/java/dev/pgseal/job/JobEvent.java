package dev.pgseal.job;

import java.time.Instant;
import java.util.Map;
import java.util.UUID;

/**
 * Something that happened in a job; sent to followers as a server-sent event.
 *
 * @param id grows within a job without gaps from 1; the SSE event id
 * @param type {@code job} for a change of the job's state, {@code step} for one of a step, {@code
 *     note} for a remark within a running step
 * @param actor the caller behind it, or {@code pgseal} when the job went on by itself
 * @param data plain JSON, never a secret
 */
public record JobEvent(
    UUID jobId, long id, Instant time, String type, String actor, Map<String, Object> data) {}
