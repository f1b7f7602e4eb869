package dev.pgseal.postgres;

import org.jspecify.annotations.Nullable;

/**
 * The row of {@code pg_stat_wal_receiver} of a standby that is connected, or trying to be.
 *
 * @param status such as {@code streaming}
 * @param conninfo the effective string with its password masked; its {@code sslmode} is what was
 *     asked for, no proof of TLS. The proof is the walsender's row on the primary
 */
public record WalReceiver(
    int pid,
    @Nullable String status,
    @Nullable String senderHost,
    @Nullable Integer senderPort,
    @Nullable String slotName,
    @Nullable String conninfo) {}
