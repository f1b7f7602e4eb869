/** The start of the service. */
@NullMarked
package dev.pgseal;

import org.jspecify.annotations.NullMarked;
