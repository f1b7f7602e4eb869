package dev.pgseal.posture;

import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** How much a finding weighs; the worst come first. */
@Schema(name = "PostureSeverity")
public enum Severity {
  CRITICAL,
  HIGH,
  MEDIUM,
  LOW,
  /** Good to know; of no weight for the grade. */
  INFO
}
