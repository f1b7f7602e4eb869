/** The control database: implementations of the ports, and the migrations of its schema. */
@NullMarked
package dev.pgseal.store;

import org.jspecify.annotations.NullMarked;
