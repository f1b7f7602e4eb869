package dev.pgseal.postgres;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A row of {@code pg_stat_replication}: somebody who streams from this server. Fields are null
 * where our role may not see them.
 *
 * @param applicationName the name {@code synchronous_standby_names} knows it by
 * @param physical a standby or a base backup, matched by the hba keyword {@code replication} only;
 *     false for logical replication
 * @param slotName the replication slot it reads from, which nobody else does at that time; null
 *     without one
 * @param state such as {@code streaming}
 * @param syncState {@code async}, {@code potential}, {@code sync} or {@code quorum}
 */
public record Walsender(
    int pid,
    @Nullable Instant backendStart,
    @Nullable String username,
    @Nullable String applicationName,
    @Nullable String clientAddress,
    boolean physical,
    @Nullable String slotName,
    @Nullable String state,
    @Nullable String syncState,
    Encryption encryption) {}
