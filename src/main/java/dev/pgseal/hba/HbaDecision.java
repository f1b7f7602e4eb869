package dev.pgseal.hba;

import org.jspecify.annotations.Nullable;

/** What pg_hba.conf says to a connection attempt. */
public sealed interface HbaDecision {

  /** This rule decides: its method is asked, and no other rule is looked at. */
  record Decided(HbaRule rule) implements HbaDecision {}

  /** {@code no pg_hba.conf entry}: refused. */
  record NoMatch() implements HbaDecision {}

  /**
   * Cannot be said without something that is not known.
   *
   * @param rule the rule it hangs on, or null when it is not one rule
   */
  record Undecidable(String reason, @Nullable HbaRule rule) implements HbaDecision {}

  /** Whether the client gets as far as authentication; false too when that is not known. */
  default boolean admits() {
    return this instanceof Decided decided && decided.rule().admits();
  }
}
