package dev.pgseal.hba;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Files that were given with their contents: there are no others. */
public final class GivenFiles implements HbaFileReader {

  private final Map<String, byte[]> contents;
  private final Map<String, TreeSet<String>> directories = new HashMap<>();

  /**
   * @param contents by path, all relative or all absolute
   */
  public GivenFiles(Map<String, byte[]> contents) {
    this.contents = Map.copyOf(contents);
    for (String path : contents.keySet()) {
      int slash = path.lastIndexOf('/');
      String directory = slash < 0 ? "." : slash == 0 ? "/" : path.substring(0, slash);
      directories.computeIfAbsent(directory, key -> new TreeSet<>()).add(path.substring(slash + 1));
    }
  }

  @Override
  public byte @Nullable [] read(String path) {
    return contents.get(path);
  }

  @Override
  public @Nullable List<String> list(String directory) {
    TreeSet<String> names = directories.get(directory);
    return names == null ? null : List.copyOf(names);
  }
}
