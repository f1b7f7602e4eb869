package dev.pgseal.audit;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The record of what was done. Changes of the control database are recorded by the database itself,
 * in their transaction; what is done elsewhere, to managed servers, is recorded here before it is
 * begun and when it has ended.
 */
public interface AuditLog {

  /**
   * Appends an entry as the current {@link Actor}, durably.
   *
   * @throws RuntimeException when that is not possible; what it was about must not be done then
   */
  void record(
      String action,
      String resource,
      @Nullable String server,
      @Nullable Map<String, Object> before,
      @Nullable Map<String, Object> after);

  /** Newest first. */
  List<AuditEntry> newest(AuditQuery query, @Nullable Long beforeNumber, int limit);

  /** Oldest first. */
  List<AuditEntry> oldest(AuditQuery query, long afterNumber, int limit);

  /** Reads the whole chain. */
  ChainCheck check();

  /** Seals the end of the chain, unless it is sealed already. */
  void seal();
}
