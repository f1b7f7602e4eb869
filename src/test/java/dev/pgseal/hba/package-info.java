/** The rules engine, alone and against pg_hba_file_rules and real logins. */
@NullMarked
package dev.pgseal.hba;

import org.jspecify.annotations.NullMarked;
