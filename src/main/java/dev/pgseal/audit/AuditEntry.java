package dev.pgseal.audit;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One thing that was done, or about to be.
 *
 * @param number its place in the chain, from 1, without gaps
 * @param actor name of the caller, {@code pgseal} for the service itself, {@code sql:role} for who
 *     changed the control database by hand
 * @param origin address that it came from
 * @param action {@code table.insert}, {@code .update} or {@code .delete} of the control database;
 *     {@code operationId.requested}, {@code .answered} or {@code .denied} of the API
 * @param resource what it was done to, as paths of the API have it without {@code /v1/}
 * @param server name of the managed server that it is about
 * @param before of an update only what changed; without secrets
 * @param hash SHA-256 over the hash before and this entry, lower-case hex
 */
public record AuditEntry(
    long number,
    Instant time,
    String actor,
    @Nullable String origin,
    @Nullable String requestId,
    @Nullable String job,
    String action,
    String resource,
    @Nullable String server,
    @Nullable Map<String, Object> before,
    @Nullable Map<String, Object> after,
    String hash) {}
