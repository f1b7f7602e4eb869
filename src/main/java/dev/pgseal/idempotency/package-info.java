/** Requests that may be sent again: their keys, and the answers that were given. */
@NullMarked
package dev.pgseal.idempotency;

import org.jspecify.annotations.NullMarked;
