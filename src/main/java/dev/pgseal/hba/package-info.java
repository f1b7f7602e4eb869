/** pg_hba.conf as text and as rules: parse, edit, match, lint, convert. Pure: text in, text out. */
@NullMarked
package dev.pgseal.hba;

import org.jspecify.annotations.NullMarked;
