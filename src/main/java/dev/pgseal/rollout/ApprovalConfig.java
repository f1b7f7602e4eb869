package dev.pgseal.rollout;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Which rollouts need a second person, and how long they wait for one. */
@ConfigMapping(prefix = "pgseal.approval")
public interface ApprovalConfig {

  /** Labels such as {@code env=prod}: a rollout that touches a server with any of them waits. */
  Optional<List<String>> serverLabels();

  /** A rollout that nobody approved is cancelled after this, for it holds its servers. */
  @WithDefault("7d")
  Duration waitAtMost();

  /** From one look for such rollouts to the next. */
  @WithDefault("1m")
  Duration checkInterval();
}
