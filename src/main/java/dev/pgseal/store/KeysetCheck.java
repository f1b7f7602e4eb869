package dev.pgseal.store;

import dev.pgseal.security.Secrets;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.List;
import org.jdbi.v3.core.Jdbi;

/**
 * Refuses to start on a control database with values that the key set cannot open: found now, and
 * not in the middle of a rollout.
 */
@ApplicationScoped
class KeysetCheck {

  private final Jdbi jdbi;
  private final Secrets secrets;

  KeysetCheck(Jdbi jdbi, Secrets secrets) {
    this.jdbi = jdbi;
    this.secrets = secrets;
  }

  /** Before jobs are picked. */
  void onStart(@Observes @Priority(1000) StartupEvent event) {
    List<String> sealedByOthers =
        SealedColumn.ALL.stream()
            .filter(column -> !marks(column).stream().allMatch(secrets::opens))
            .map(SealedColumn::name)
            .toList();
    if (!sealedByOthers.isEmpty()) {
      throw new IllegalStateException(
          "pgseal.keyset-file is not the key set that this control database was sealed with: it"
              + " cannot open values in "
              + String.join(", ", sealedByOthers)
              + ". Start with the key set that belongs to it (docs/operations.md, \"The key set\").");
    }
  }

  private List<byte[]> marks(SealedColumn column) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    "select distinct substring(%s from 1 for :length) from %s where %s is not null"
                        .formatted(column.column(), column.table(), column.column()))
                .bind("length", secrets.mark().length)
                .mapTo(byte[].class)
                .list());
  }
}
