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
 * @param state such as {@code streaming}
 * @param syncState {@code async}, {@code potential}, {@code sync} or {@code quorum}
 * @param slotName of the replication slot that it uses; null without one. A slot is used by one
 *     walsender at a time
 */
public record Walsender(
    int pid,
    @Nullable Instant backendStart,
    @Nullable String username,
    @Nullable String applicationName,
    @Nullable String clientAddress,
    boolean physical,
    @Nullable String state,
    @Nullable String syncState,
    @Nullable String slotName,
    Encryption encryption) {}
