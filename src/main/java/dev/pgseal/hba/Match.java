package dev.pgseal.hba;

/** Whether one thing matches another, when it can be known. */
enum Match {
  YES,
  NO,
  /** Depends on something not given: DNS, role memberships, interfaces, an untranslated regex. */
  UNKNOWN;

  static Match of(boolean known) {
    return known ? YES : NO;
  }

  /** Both must match. */
  Match and(Match other) {
    if (this == NO || other == NO) {
      return NO;
    }
    return this == YES ? other : UNKNOWN;
  }

  /** One of them must match. */
  Match or(Match other) {
    if (this == YES || other == YES) {
      return YES;
    }
    return this == NO ? other : UNKNOWN;
  }
}
