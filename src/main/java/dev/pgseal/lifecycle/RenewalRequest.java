package dev.pgseal.lifecycle;

import dev.pgseal.certificate.KeyType;
import java.time.Duration;

/** What a renewal makes: another certificate like the one before, with a key of its own. */
public record RenewalRequest(String server, String authority, KeyType keyType, Duration validity) {}
