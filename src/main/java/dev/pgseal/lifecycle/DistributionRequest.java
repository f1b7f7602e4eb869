package dev.pgseal.lifecycle;

/** Bring the latest revocation lists of this authority to its servers. */
public record DistributionRequest(String authority) {}
