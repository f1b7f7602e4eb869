package dev.pgseal.audit;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Which entries; what is null fits all.
 *
 * @param action whole, or the part before its dot
 * @param resource it, and what lies below it
 * @param since inclusive
 * @param until exclusive
 */
public record AuditQuery(
    @Nullable String actor,
    @Nullable String action,
    @Nullable String resource,
    @Nullable String server,
    @Nullable String requestId,
    @Nullable String job,
    @Nullable Instant since,
    @Nullable Instant until) {}
