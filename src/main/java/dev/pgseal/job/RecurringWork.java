package dev.pgseal.job;

import java.time.Duration;

/** Something that one replica at a time does again and again; one CDI bean per kind of work. */
public interface RecurringWork {

  /** Unique; the scheduler's name of it. */
  String name();

  /** From the end of one run to the begin of the next. */
  Duration interval();

  /** Each wait is longer by a random part of this, so that many replicas and servers spread. */
  Duration jitter();

  /** What it throws is logged; the next run comes as planned. */
  void run();
}
