package dev.pgseal.api;

import dev.pgseal.webhook.WebhookEvent;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.util.Map;
import java.util.Set;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** The webhook that a caller wants. */
@Schema(name = "WebhookRequest")
public record WebhookRequest(
    @NotNull
        @Pattern(regexp = Names.PATTERN, message = Names.MESSAGE)
        @Schema(description = "Unique", examples = "on-call")
        String name,
    @NotBlank
        @Size(max = 2000)
        @Schema(
            description = "https; no redirect is followed, and link-local addresses are refused",
            examples = "https://hooks.example.org/pgseal")
        String url,
    @Size(max = 100)
        @Schema(
            description =
                "whsec_ and 24 to 64 octets in base64, which messages are signed with; absent: one is made. Write-only",
            examples = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        @Nullable String secret,
    @Size(max = 64)
        @Schema(
            description = "News of servers that have all of these labels; absent or empty: of all",
            examples = "{\"env\": \"prod\"}")
        @Nullable
            Map<
                @Pattern(regexp = ServerFields.LABEL_KEY, message = ServerFields.LABEL_MESSAGE)
                String,
                @NotNull @Size(max = 255) String>
            serverLabels,
    @Size(max = 10) @Schema(description = "Absent or empty: POSTURE_GRADE_CHANGED")
        @Nullable Set<@NotNull WebhookEvent> events) {

  /** Never shows the secret. */
  @Override
  public String toString() {
    return name;
  }
}
