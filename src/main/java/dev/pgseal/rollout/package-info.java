/** What a rollout will do to its servers, and the steps that do it and undo it. */
@NullMarked
package dev.pgseal.rollout;

import org.jspecify.annotations.NullMarked;
