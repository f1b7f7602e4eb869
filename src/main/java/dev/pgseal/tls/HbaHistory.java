package dev.pgseal.tls;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pgseal.hba.HbaEdit;
import dev.pgseal.server.ManagedServer;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The versions of a server's pg_hba.conf that pgseal wrote, and which of its conversions still
 * stand.
 *
 * <p>The edits of a conversion are kept here rather than as marks in the file, so that converting
 * back finds exactly the lines that were changed and the file stays as its owner wrote it.
 */
@ApplicationScoped
public class HbaHistory {

  private static final int PAGE = 100;
  private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};

  private final HbaRevisionStore store;
  private final ObjectMapper json = new ObjectMapper();

  public HbaHistory(HbaRevisionStore store) {
    this.store = store;
  }

  /** A change that is no conversion: a replaced file, one rule inserted, changed or removed. */
  public void changed(
      ManagedServer server, String author, RulesChange.Applied applied, String summary) {
    store.append(
        server.id(), author, applied.written(), HbaRevision.Kind.CHANGED, summary, List.of());
  }

  public void enforced(
      ManagedServer server, String author, RulesChange.Applied applied, List<HbaEdit> edits) {
    store.append(
        server.id(),
        author,
        applied.written(),
        HbaRevision.Kind.ENFORCED,
        "converted to TLS only",
        edits.stream().map(this::toMap).toList());
  }

  /** A conversion that was applied but not recorded, because the process died between the two. */
  public void enforcedEarlier(
      ManagedServer server, String author, byte[] content, List<HbaEdit> edits) {
    store.append(
        server.id(),
        author,
        content,
        HbaRevision.Kind.ENFORCED,
        "converted to TLS only, recorded after a restart",
        edits.stream().map(this::toMap).toList());
  }

  public void relaxed(ManagedServer server, String author, byte[] content) {
    store.append(
        server.id(), author, content, HbaRevision.Kind.RELAXED, "converted back", List.of());
  }

  /**
   * The previous file came back.
   *
   * @param wasConversion what was undone is a conversion to TLS only, so its edits stand no more;
   *     else it was a conversion back, so that the edits before it stand again
   */
  public void restored(ManagedServer server, String author, byte[] content, boolean wasConversion) {
    if (wasConversion) {
      undoNewest(server, author, content, HbaRevision.Kind.ENFORCED, "conversion taken back");
    } else {
      undoNewest(server, author, content, HbaRevision.Kind.RELAXED, "conversion back taken back");
    }
  }

  private void undoNewest(
      ManagedServer server, String author, byte[] content, HbaRevision.Kind kind, String summary) {
    List<HbaRevision> newest = store.list(server.id(), null, 1);
    if (!newest.isEmpty() && newest.get(0).kind() == kind) {
      store.append(server.id(), author, content, HbaRevision.Kind.UNDONE, summary, List.of());
    }
  }

  /** The edits of conversions to TLS only that were not converted back or undone since. */
  public List<HbaEdit> outstandingEdits(ManagedServer server) {
    return standing(server).edits();
  }

  /**
   * What conversions to TLS only did that were not converted back or undone since.
   *
   * @param conversion whether there is one, be it that it found nothing to change
   */
  public record Standing(boolean conversion, List<HbaEdit> edits) {}

  public Standing standing(ManagedServer server) {
    boolean conversion = false;
    List<HbaEdit> edits = new ArrayList<>();
    Integer before = null;
    boolean skipNext = false;
    while (true) {
      List<HbaRevision> page = store.list(server.id(), before, PAGE);
      for (HbaRevision revision : page) {
        if (skipNext && revision.kind() != HbaRevision.Kind.CHANGED) {
          skipNext = false;
        } else if (revision.kind() == HbaRevision.Kind.UNDONE) {
          skipNext = true;
        } else if (revision.kind() == HbaRevision.Kind.RELAXED) {
          return new Standing(conversion, edits);
        } else if (revision.kind() == HbaRevision.Kind.ENFORCED) {
          conversion = true;
          edits.addAll(0, revision.edits().stream().map(this::toEdit).toList());
        }
        before = revision.number();
      }
      if (page.size() < PAGE) {
        return new Standing(conversion, edits);
      }
    }
  }

  private Map<String, Object> toMap(HbaEdit edit) {
    return json.convertValue(edit, OBJECT);
  }

  private HbaEdit toEdit(Map<String, @Nullable Object> edit) {
    return json.convertValue(edit, HbaEdit.class);
  }
}
