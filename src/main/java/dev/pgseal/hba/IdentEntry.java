package dev.pgseal.hba;

import org.jspecify.annotations.Nullable;

/**
 * A line of a pg_ident.conf (hba.c, parse_ident_line).
 *
 * @param id for changing this line; stays while the line's own bytes do
 * @param line from 1
 * @param map what an hba rule names with {@code map=}
 * @param systemUser who the client says it is, such as the CN of its certificate; a regular
 *     expression when it begins with a slash
 * @param role that it may log in as; since 16 also {@code all}, {@code +role} and a regular
 *     expression
 */
public record IdentEntry(
    String id,
    String file,
    int line,
    String map,
    HbaToken systemUser,
    HbaToken role,
    @Nullable String comment,
    String text) {}
