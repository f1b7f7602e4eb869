package dev.pgseal.store;

import dev.pgseal.audit.AuditChain;
import dev.pgseal.audit.ChainCheck;
import dev.pgseal.security.Secrets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;
import org.jspecify.annotations.Nullable;

/** Reads the whole audit log, in one snapshot, and holds each entry against the one before. */
final class ChainReader {

  private static final int FETCH = 1000;

  private final Handle handle;
  private final Secrets secrets;
  private final AuditChain chain = new AuditChain();
  private long entries;
  private long sealedUpTo;
  private long unknownKeyUpTo;
  private long resealedAt;
  private @Nullable String fault;

  ChainReader(Handle handle, Secrets secrets) {
    this.handle = handle;
    this.secrets = secrets;
  }

  ChainCheck read() {
    return handle.inTransaction(
        TransactionIsolationLevel.REPEATABLE_READ,
        snapshot -> {
          Map<Long, byte[]> seals = seals();
          followEntries(seals);
          compareWithHead();
          seals.keySet().stream()
              .min(Long::compare)
              .ifPresent(number -> fault("Entry " + number + " was sealed and is not there"));
          requireAReseal();
          return new ChainCheck(fault == null, entries, chain.hash(), sealedUpTo, fault);
        });
  }

  private Map<Long, byte[]> seals() {
    Map<Long, byte[]> seals = new HashMap<>();
    handle
        .createQuery("select number, seal from audit_seal")
        .map((row, context) -> Map.entry(row.getLong("number"), row.getBytes("seal")))
        .forEach(seal -> seals.put(seal.getKey(), seal.getValue()));
    return seals;
  }

  private record Stored(long number, String entry, byte[] hash, String action) {}

  private void followEntries(Map<Long, byte[]> seals) {
    handle
        .createQuery("select number, entry, hash, action from audit_entry order by number")
        .setFetchSize(FETCH)
        .map(
            (row, context) ->
                new Stored(
                    row.getLong("number"),
                    row.getString("entry"),
                    row.getBytes("hash"),
                    row.getString("action")))
        .forEach(stored -> follow(stored, seals.remove(stored.number())));
  }

  private void follow(Stored stored, byte @Nullable [] seal) {
    entries++;
    if (stored.number() != entries) {
      fault("Entry " + entries + " is missing");
      entries = stored.number();
    }
    chain.add(stored.entry());
    if (!chain.endsWith(stored.hash())) {
      fault("Entry " + stored.number() + " does not follow from those before it");
    }
    if (stored.action().equals(AuditResealing.ACTION)) {
      resealedAt = stored.number();
    }
    if (seal != null) {
      compareWithSeal(stored, seal);
    }
  }

  private void compareWithSeal(Stored stored, byte[] seal) {
    if (!secrets.opens(Arrays.copyOf(seal, secrets.mark().length))) {
      unknownKeyUpTo = stored.number();
    } else if (opens(stored, seal)) {
      sealedUpTo = stored.number();
    } else {
      fault("Entry " + stored.number() + " is not the one that was sealed");
    }
  }

  /** A seal of a key that is gone is vouched for by the entry that was made while it was there. */
  private void requireAReseal() {
    if (unknownKeyUpTo > Math.min(resealedAt, sealedUpTo)) {
      fault(
          "Entry %d was sealed by a key that the key set does not have, and no --reseal came after"
              .formatted(unknownKeyUpTo));
    }
  }

  private boolean opens(Stored stored, byte[] seal) {
    try {
      return MessageDigest.isEqual(
          secrets.open(seal, AuditSeals.context(stored.number())), stored.hash());
    } catch (RuntimeException e) {
      return false; // made for another entry, or by somebody else
    }
  }

  private void compareWithHead() {
    handle
        .createQuery("select number, hash from audit_head")
        .map((row, context) -> Map.entry(row.getLong("number"), row.getBytes("hash")))
        .findOne()
        .ifPresentOrElse(
            head -> {
              if (head.getKey() != entries || !chain.endsWith(head.getValue())) {
                fault("The chain ends at entry " + entries + ", not at " + head.getKey());
              }
            },
            () -> fault("The end of the chain is not known any more"));
  }

  /** Only the first tells where to look. */
  private void fault(String text) {
    if (fault == null) {
      fault = text;
    }
  }
}
