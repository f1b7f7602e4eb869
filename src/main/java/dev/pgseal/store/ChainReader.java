package dev.pgseal.store;

import dev.pgseal.audit.AuditChain;
import dev.pgseal.audit.ChainCheck;
import dev.pgseal.security.Secrets;
import java.security.MessageDigest;
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
  private @Nullable String fault;

  ChainReader(Handle handle, Secrets secrets) {
    this.handle = handle;
    this.secrets = secrets;
  }

  static String context(long number) {
    return "audit/" + number;
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

  private record Stored(long number, String entry, byte[] hash) {}

  private void followEntries(Map<Long, byte[]> seals) {
    handle
        .createQuery("select number, entry, hash from audit_entry order by number")
        .setFetchSize(FETCH)
        .map(
            (row, context) ->
                new Stored(row.getLong("number"), row.getString("entry"), row.getBytes("hash")))
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
    if (seal != null) {
      if (opens(stored, seal)) {
        sealedUpTo = stored.number();
      } else {
        fault("Entry " + stored.number() + " is not the one that was sealed");
      }
    }
  }

  private boolean opens(Stored stored, byte[] seal) {
    try {
      return MessageDigest.isEqual(secrets.open(seal, context(stored.number())), stored.hash());
    } catch (RuntimeException e) {
      return false; // not made with our key set
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
