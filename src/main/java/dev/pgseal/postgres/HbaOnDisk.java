package dev.pgseal.postgres;

import java.util.List;

/**
 * The pg_hba.conf that lies on a server's disk, which need not be the one it has loaded.
 *
 * @param path as {@code hba_file} names it
 * @param content the bytes as they are; must not be changed
 * @param sha256 of the content, lower-case hex
 * @param includedFiles other files whose rules it takes in (16 and newer); {@code @file} lists of
 *     names are not among them
 */
public record HbaOnDisk(String path, byte[] content, String sha256, List<String> includedFiles) {
  public HbaOnDisk {
    includedFiles = List.copyOf(includedFiles);
  }
}
