package dev.pgseal.posture;

import dev.pgseal.hba.LintFinding;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a session on the server showed, as far as our role may look.
 *
 * @param settings those that drift is measured by; empty when they could not be read
 * @param hbaSha256 of the main file on the disk; null when it could not be read
 * @param hidden what could not be seen and why, as sentences
 * @param missingPrivileges statements that grant what the role lacks
 */
record Inside(
    Map<String, String> settings,
    List<LintFinding> lint,
    @Nullable String hbaSha256,
    PlaintextSessions sessions,
    List<String> hidden,
    List<String> missingPrivileges) {

  static Inside hidden(String why) {
    return new Inside(
        Map.of(), List.of(), null, PlaintextSessions.UNKNOWN, List.of(why), List.of());
  }
}
