package dev.pgseal.hba;

import java.util.ArrayList;
import java.util.List;

/**
 * One database word and one user word of a rule: the smallest piece of a rule besides its
 * addresses.
 */
record NamePair(HbaToken database, HbaToken user) {

  private static final List<String> DATABASE_KEYWORDS =
      List.of("all", "sameuser", "samerole", "samegroup", "replication");

  /** What tells the word's meaning, so that words that mean the same are equal. */
  static String databaseKey(HbaToken token) {
    for (String word : DATABASE_KEYWORDS) {
      if (token.isKeyword(word)) {
        return "keyword " + (word.equals("samegroup") ? "samerole" : word);
      }
    }
    return "name " + token.text();
  }

  static String userKey(HbaToken token) {
    if (token.isKeyword("all")) {
      return "keyword all";
    }
    return (token.isMembership() ? "member " : "name ") + token.text();
  }

  /** Keys of the database words that surely cover this pair's. */
  List<String> databaseCovers() {
    String own = databaseKey(database);
    var keys = new ArrayList<String>(List.of(own));
    if (!own.equals("keyword replication") && !own.equals("keyword all")) {
      keys.add("keyword all");
    }
    return keys;
  }

  /** Keys of the user words that surely cover this pair's. */
  List<String> userCovers() {
    String own = userKey(user);
    return own.equals("keyword all") ? List.of(own) : List.of(own, "keyword all");
  }
}
