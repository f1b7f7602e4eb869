/** Benchmarks of the packaged service beside others, run by {@code ./mvnw -Pbench}. */
@NullMarked
package dev.pgseal.bench;

import org.jspecify.annotations.NullMarked;
