/**
 * Durable jobs: their states, steps and events, the store they live in and the engine that runs
 * them.
 */
@NullMarked
package dev.pgseal.job;

import org.jspecify.annotations.NullMarked;
