package dev.pgseal.idempotency;

import java.util.UUID;

/** One run of a request with a key, from {@link IdempotentRequests#begin} to its answer. */
public record Claim(RequestKey key, UUID id) {}
