package dev.pgseal.hba;

/** What one record of a file turned out to be, in the order in which PostgreSQL reads it. */
public sealed interface HbaEntry permits HbaRule, HbaError, HbaUnread {

  /**
   * Path of the file that holds the record; the main file of a lone text is {@code pg_hba.conf}.
   */
  String file();

  /** Number of its first physical line as PostgreSQL counts, from 1. */
  int line();
}
