/** Which addresses pgseal connects to; the rule for whatever a caller may name. */
@NullMarked
package dev.pgseal.egress;

import org.jspecify.annotations.NullMarked;
