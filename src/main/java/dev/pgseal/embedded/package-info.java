/** PostgreSQL as a child process: the default control database, and the playground. */
@NullMarked
package dev.pgseal.embedded;

import org.jspecify.annotations.NullMarked;
