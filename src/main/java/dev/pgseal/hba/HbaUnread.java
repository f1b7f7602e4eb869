package dev.pgseal.hba;

/**
 * A record that needs a file which was not given to the parser: an {@code include…} record or a
 * record with an {@code @file} in one of its lists. What it stands for is unknown, so nothing
 * behind it can be decided.
 *
 * @param reference the file as written
 */
public record HbaUnread(String file, int line, HbaInclude.Kind kind, String reference)
    implements HbaEntry {}
