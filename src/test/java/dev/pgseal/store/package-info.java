/** Tests of the stores against a real control database. */
@NullMarked
package dev.pgseal.store;

import org.jspecify.annotations.NullMarked;
