package dev.pgseal.api;

import jakarta.enterprise.context.RequestScoped;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a resource tells about a change that it makes elsewhere than in the control database; it
 * goes into the request's last entry of the audit log. Never a secret.
 */
@RequestScoped
public class AuditDetails {

  private @Nullable Map<String, Object> before;
  private Map<String, Object> after = Map.of();

  void before(Map<String, Object> state) {
    before = state;
  }

  void after(Map<String, Object> state) {
    after = state;
  }

  @Nullable Map<String, Object> before() {
    return before;
  }

  Map<String, Object> after() {
    return after;
  }
}
