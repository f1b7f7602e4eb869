/** Real PostgreSQL servers of every supported major for tests, primaries and standbys. */
@NullMarked
package dev.pgseal.testing;

import org.jspecify.annotations.NullMarked;
