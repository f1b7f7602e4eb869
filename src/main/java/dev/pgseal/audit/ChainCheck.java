package dev.pgseal.audit;

import org.jspecify.annotations.Nullable;

/**
 * What reading the whole chain showed.
 *
 * @param intact every entry follows from the one before it, the last one is the end of the chain,
 *     and every seal fits
 * @param entries how many there are
 * @param hash of the last entry, lower-case hex; who keeps it elsewhere can tell later that nothing
 *     before it was changed
 * @param sealedUpTo number of the last entry under a seal that fits, 0 for none
 * @param fault the first thing that is wrong, null when intact
 */
public record ChainCheck(
    boolean intact, long entries, String hash, long sealedUpTo, @Nullable String fault) {}
