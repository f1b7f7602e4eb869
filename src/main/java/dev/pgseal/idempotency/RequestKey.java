package dev.pgseal.idempotency;

/**
 * What names a request that may be repeated.
 *
 * @param caller the name of who sent it: a key means nothing to anybody else
 * @param key the value of {@code Idempotency-Key}
 */
public record RequestKey(String caller, String key) {}
