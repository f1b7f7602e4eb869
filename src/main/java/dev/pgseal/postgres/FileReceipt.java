package dev.pgseal.postgres;

/**
 * A file that was placed, as read back from the server.
 *
 * @param path as it was given
 * @param length in bytes
 * @param sha256 lower-case hex
 * @param changed the content was another before, or there was no file
 */
public record FileReceipt(String path, long length, String sha256, boolean changed) {}
