package dev.pgseal.postgres;

/** The permissions a file gets when it is replaced. */
public enum FileMode {
  /** Those (and the group) of the file that is there; {@code 0600} when there is none. */
  KEEP("keep"),
  /** {@code 0600}: private keys, and whatever nobody else needs. */
  OWNER_ONLY("600"),
  /** {@code 0640}. */
  GROUP_READABLE("640"),
  /** {@code 0644}: certificates. */
  WORLD_READABLE("644");

  private final String argument;

  FileMode(String argument) {
    this.argument = argument;
  }

  String argument() {
    return argument;
  }
}
