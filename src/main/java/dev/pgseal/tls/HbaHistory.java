package dev.pgseal.tls;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pgseal.hba.HbaEdit;
import dev.pgseal.server.ManagedServer;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

  private final HbaRevisionStore store;
  private final ObjectMapper json = new ObjectMapper();

  public HbaHistory(HbaRevisionStore store) {
    this.store = store;
  }

  /** A change that was made and proved. */
  public HbaRevision append(ManagedServer server, HbaTree tree, HbaNote note) {
    return store.append(server.id(), tree, note, changedFiles(server, tree));
  }

  /**
   * Keeps what somebody else made of the files, before we change them. The server must be locked.
   */
  public void noticed(ManagedServer server, HbaTree tree) {
    Optional<HbaRevision> newest = newest(server);
    if (isAnother(newest, tree)) {
      append(server, tree, HbaNote.found(newest.isEmpty()));
    }
  }

  /**
   * A mark of the present, to be taken before the files are read for {@link #seen}; empty while an
   * operation of ours is going on, whose files are not somebody else's.
   */
  public Optional<String> mark(ManagedServer server) {
    return store.idleMark(server.id());
  }

  /** Keeps what somebody else made of the files, unless an operation of ours came in between. */
  public void seen(ManagedServer server, HbaTree tree, String mark) {
    Optional<HbaRevision> newest = newest(server);
    if (isAnother(newest, tree)) {
      store.appendFound(
          server.id(), tree, HbaNote.found(newest.isEmpty()), changedFiles(server, tree), mark);
    }
  }

  /** The newest revision is of these files. */
  boolean isNewest(ManagedServer server, HbaTree tree) {
    return !isAnother(newest(server), tree);
  }

  private static boolean isAnother(Optional<HbaRevision> newest, HbaTree tree) {
    return newest.isEmpty() || !newest.get().sha256().equals(tree.tag());
  }

  private Optional<HbaRevision> newest(ManagedServer server) {
    return store.list(server.id(), null, 1).stream().findFirst();
  }

  private List<String> changedFiles(ManagedServer server, HbaTree tree) {
    return newest(server)
        .map(newest -> tree.differing(store.tree(newest)))
        .orElse(List.copyOf(tree.files().keySet()));
  }

  /** A conversion that was applied but not recorded, because the process died between the two. */
  public void enforcedEarlier(
      ManagedServer server, String author, HbaTree tree, List<HbaEdit> edits) {
    append(server, tree, HbaNote.enforced(author, edits).afterInterruption());
  }

  /**
   * The previous file came back.
   *
   * @param wasConversion what was undone is a conversion to TLS only, so its edits stand no more;
   *     else it was a conversion back, so that the edits before it stand again
   */
  public void restored(ManagedServer server, String author, HbaTree tree, boolean wasConversion) {
    if (wasConversion) {
      undoNewest(server, author, tree, HbaRevision.Kind.ENFORCED, "conversion taken back");
    } else {
      undoNewest(server, author, tree, HbaRevision.Kind.RELAXED, "conversion back taken back");
    }
  }

  private void undoNewest(
      ManagedServer server, String author, HbaTree tree, HbaRevision.Kind kind, String summary) {
    if (newest(server).filter(newest -> newest.kind() == kind).isPresent()) {
      append(server, tree, new HbaNote(HbaRevision.Kind.UNDONE, author, summary, List.of(), null));
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
        if (before != null && revision.number() >= before) {
          continue;
        }
        before = revision.number();
        if (skipNext && revision.isConversion()) {
          skipNext = false;
        } else if (revision.kind() == HbaRevision.Kind.UNDONE) {
          skipNext = true;
        } else if (revision.kind() == HbaRevision.Kind.RELAXED) {
          return new Standing(conversion, edits);
        } else if (revision.kind() == HbaRevision.Kind.ENFORCED) {
          conversion = true;
          edits.addAll(0, revision.edits().stream().map(this::toEdit).toList());
        } else if (revision.restores() != null) {
          // what stands is what stood then
          before = revision.restores() + 1;
        }
      }
      if (page.size() < PAGE) {
        return new Standing(conversion, edits);
      }
    }
  }

  private HbaEdit toEdit(Map<String, @Nullable Object> edit) {
    return json.convertValue(edit, HbaEdit.class);
  }
}
