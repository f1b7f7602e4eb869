/**
 * A live PostgreSQL: SQL sessions, settings, files, connections, and what it answers on the wire.
 */
@NullMarked
package dev.pgseal.postgres;

import org.jspecify.annotations.NullMarked;
