/** Requests made from the OpenAPI document, sound, broken and hostile, against the real service. */
@NullMarked
package dev.pgseal.fuzz;

import org.jspecify.annotations.NullMarked;
