/**
 * pg_hba.conf as text and as rules: parse, edit, match, prove, convert. Pure: bytes in, bytes out.
 *
 * <p>The file has no encoding (PostgreSQL compares bytes), so every text in this package is a
 * <em>byte text</em>: a string whose characters U+0000 to U+00FF stand for one byte each
 * (ISO_8859_1). {@link dev.pgseal.hba.HbaText} translates to and from what people read and write.
 */
@NullMarked
package dev.pgseal.hba;

import org.jspecify.annotations.NullMarked;
