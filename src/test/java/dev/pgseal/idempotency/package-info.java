@NullMarked
package dev.pgseal.idempotency;

import org.jspecify.annotations.NullMarked;
