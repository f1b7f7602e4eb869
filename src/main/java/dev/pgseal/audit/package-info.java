/** Who did what, append-only and chained. */
@NullMarked
package dev.pgseal.audit;

import org.jspecify.annotations.NullMarked;
