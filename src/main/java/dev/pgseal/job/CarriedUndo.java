package dev.pgseal.job;

import java.util.UUID;

/**
 * The undo that a step of an earlier job has kept, and that was not run: it becomes that of a step
 * of a new job, as if the earlier job went on in it. So the new job's way back leads to where the
 * earlier one began.
 *
 * @param job the earlier job
 * @param position of its step
 */
public record CarriedUndo(UUID job, int position) {}
