/** The packaged service, black box over HTTP, against real PostgreSQL servers. */
@NullMarked
package dev.pgseal.it;

import org.jspecify.annotations.NullMarked;
