package dev.pgseal.hba;

import org.jspecify.annotations.Nullable;

/**
 * A way by which plaintext TCP may still be let in.
 *
 * @param rule the rule that lets it in, null when a file that was not read may hold one
 * @param physicalReplication for walsenders, else for ordinary (and logical replication) logins
 * @param database the rule's word for it
 * @param user the rule's word for it
 * @param addresses addresses that no earlier rule decides: one, or two with a dash
 * @param witness an attempt to try it with, null when none can be named
 * @param confirmed the matcher finds this very rule for the witness; without it the door may be
 *     shut by something that only the server can evaluate
 */
public record PlaintextDoor(
    @Nullable HbaRule rule,
    String file,
    int line,
    boolean physicalReplication,
    String database,
    String user,
    String addresses,
    @Nullable ConnectionAttempt witness,
    boolean confirmed) {

  /** A sentence for people. */
  public String description() {
    if (rule == null) {
      return file + ":" + line + " refers to a file that was not read and may admit plaintext";
    }
    return file
        + ":"
        + line
        + " "
        + (confirmed ? "admits" : "may admit")
        + " plaintext for "
        + (physicalReplication ? "physical replication" : "database " + database)
        + ", user "
        + user
        + ", from "
        + addresses;
  }
}
