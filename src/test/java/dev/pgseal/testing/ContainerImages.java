package dev.pgseal.testing;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.opentest4j.TestAbortedException;

/**
 * The images that a run with {@code -Pcontainers} has.
 *
 * @param pattern an image, {@code {major}} in it stands for the major
 * @param majors of which there are images
 */
record ContainerImages(String pattern, SortedSet<Integer> majors) {

  ContainerImages {
    majors = Collections.unmodifiableSortedSet(new TreeSet<>(majors));
    if (majors.isEmpty()) {
      throw new IllegalArgumentException("pgseal.containers.majors names no major");
    }
  }

  /** As {@code pgseal.containers.image} and {@code pgseal.containers.majors} say. */
  static ContainerImages configured() {
    String majors = System.getProperty("pgseal.containers.majors", "14,15,16,17,18");
    List<Integer> parsed =
        Arrays.stream(majors.split(",")).map(String::strip).map(Integer::valueOf).toList();
    return new ContainerImages(
        System.getProperty("pgseal.containers.image"), new TreeSet<>(parsed));
  }

  /**
   * @throws TestAbortedException when there is none, so that the test is reported as skipped
   */
  String of(int major) {
    if (!majors.contains(major)) {
      throw new TestAbortedException(
          "no image of PostgreSQL %d: pgseal.containers.majors is %s".formatted(major, majors));
    }
    return pattern.replace("{major}", Integer.toString(major));
  }
}
