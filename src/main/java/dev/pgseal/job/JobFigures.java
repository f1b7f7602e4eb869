package dev.pgseal.job;

import java.time.Duration;
import java.util.Map;

/**
 * How the jobs of all replicas stand.
 *
 * @param unfinished how many are in each state that is no end; states without a job are left out
 * @param longestWait for somebody's approval, zero when none waits
 * @param lag since when the scheduler should have begun what is due longest, zero when it is on
 *     time
 */
public record JobFigures(Map<JobState, Long> unfinished, Duration longestWait, Duration lag) {}
