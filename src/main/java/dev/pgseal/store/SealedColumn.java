package dev.pgseal.store;

import java.util.List;

/**
 * A column of sealed values.
 *
 * @param context the SQL expression of what a value is bound to, see {@code Secrets}
 */
record SealedColumn(String table, String column, String context) {

  /** All of them. One that is missing here would be lost when old keys are dropped. */
  static final List<SealedColumn> ALL =
      List.of(
          new SealedColumn("server", "password", "'server/' || id || '/password'"),
          new SealedColumn("authority", "private_key", "'authority/' || name || '/key'"),
          new SealedColumn(
              "authority_rotation", "private_key", "'authority/' || authority || '/key'"),
          new SealedColumn(
              "revocation_list", "canary_key", "'revocation-list/' || issuer || '/canary'"),
          new SealedColumn("hba_revision", "content", "'hba-revision/' || id || '/content'"),
          new SealedColumn("hba_revision", "edits", "'hba-revision/' || id || '/edits'"),
          new SealedColumn("hba_revision", "tree", "'hba-revision/' || id || '/tree'"),
          new SealedColumn("hba_write", "content", "'hba-write/' || id || '/content'"),
          new SealedColumn(
              "job_step", "undo", "'job/' || job_id || '/step/' || position || '/undo'"),
          new SealedColumn("webhook", "secret", "'webhook/' || id || '/secret'"),
          new SealedColumn("idempotent_request", "fingerprint", idempotency("fingerprint")),
          new SealedColumn("idempotent_request", "answer", idempotency("answer")));

  /** Not sealed anew, as nobody may change it: see {@link AuditResealing}. */
  static final String AUDIT_SEAL = "audit_seal.seal";

  /** Columns of bytes that hold no secret. */
  static final List<String> NOT_SEALED =
      List.of(
          "api_token.token_hash",
          "scheduled_tasks.task_data",
          "revocation_list.der",
          "audit_entry.hash",
          "audit_head.hash");

  /**
   * As {@code IdempotentRequests} has it. Java counts a character beyond U+FFFF as two, PostgreSQL
   * as one.
   */
  private static String idempotency(String column) {
    return """
    'idempotency/'
      || length(caller) + length(regexp_replace(caller, '[\\u0001-\\uFFFF]', '', 'g'))
      || ':' || caller || '/' || key || '/' || claim || '/%s'
    """
        .formatted(column);
  }

  /** {@code table.column}. */
  String name() {
    return table + "." + column;
  }
}
