package dev.pgseal.webhook;

import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** What a webhook can be told of. */
@Schema(name = "WebhookEvent")
public enum WebhookEvent {
  /** A server got another grade, or its first one. */
  POSTURE_GRADE_CHANGED,
  /** Sent by {@code :test} alone. */
  PING
}
