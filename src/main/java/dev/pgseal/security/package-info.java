/** Who is calling, and the sealing of secrets at rest. */
@NullMarked
package dev.pgseal.security;

import org.jspecify.annotations.NullMarked;
