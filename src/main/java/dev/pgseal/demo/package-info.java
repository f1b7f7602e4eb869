/**
 * The demonstration: drives the REST API from outside, as a portal would, and proves the outcome.
 */
@NullMarked
package dev.pgseal.demo;

import org.jspecify.annotations.NullMarked;
