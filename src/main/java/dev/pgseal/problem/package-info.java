/**
 * Every way a request can be refused: one enum of problem types and the exception that carries one.
 */
@NullMarked
package dev.pgseal.problem;

import org.jspecify.annotations.NullMarked;
