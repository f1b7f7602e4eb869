package dev.pgseal.idempotency;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A request as the control database has it.
 *
 * @param fingerprint sealed
 * @param running its replica has renewed the lease lately
 * @param answer sealed; null while there is none
 */
public record KeptRequest(
    UUID claim, byte[] fingerprint, boolean running, byte @Nullable [] answer) {}
