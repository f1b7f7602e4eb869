package dev.pgseal.job;

import java.util.SortedMap;
import java.util.UUID;

/** For tests in which nothing is started. */
public class NoEngine implements JobEngine {

  @Override
  public Job submit(JobDraft draft, Requester requestedBy) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Job submit(JobDraft parent, SortedMap<Integer, JobDraft> children, Requester requestedBy) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Job cancel(UUID jobId, String actor, boolean undo) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Job pause(UUID jobId, String actor) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Job resume(UUID jobId, String actor) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Job proceed(UUID jobId, String actor) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Job approve(UUID jobId, Requester actor) {
    throw new UnsupportedOperationException();
  }
}
