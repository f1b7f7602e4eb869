/** How well each server keeps what was proved on it: scans, graded findings, metrics. */
@NullMarked
package dev.pgseal.posture;

import org.jspecify.annotations.NullMarked;
