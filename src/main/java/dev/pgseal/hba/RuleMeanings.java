package dev.pgseal.hba;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Short names for what rules mean: equal for rules that were only written differently. */
final class RuleMeanings {

  private final MessageDigest digest;

  RuleMeanings() {
    try {
      this.digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  String of(HbaRule rule) {
    add(rule.type().keyword());
    for (HbaToken database : rule.databases()) {
      add((database.quoted() ? "q" : "w") + database.text());
    }
    add("users");
    for (HbaToken user : rule.users()) {
      add((user.quoted() ? "q" : "w") + user.text());
    }
    add(String.valueOf(rule.address()));
    add(rule.method());
    for (HbaOption option : rule.options()) {
      add(option.name());
      add(option.value());
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** U+0000 is in no token, so texts cannot run into each other. */
  private void add(String text) {
    digest.update(text.getBytes(StandardCharsets.UTF_8));
    digest.update((byte) 0);
  }
}
